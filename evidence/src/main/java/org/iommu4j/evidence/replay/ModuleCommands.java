package org.iommu4j.evidence.replay;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import java.util.Map;
import org.iommu4j.base.Release;
import org.iommu4j.base.ReleaseSpan;

/** Which commands the module that records transcripts does not have under a release. */
final class ModuleCommands {
  private static final ReleaseSpan OWNERS = ReleaseSpan.since("5.18");
  private static final ReleaseSpan ALWAYS_ASKS = ReleaseSpan.since("5.11");

  private static final ImmutableSetMultimap<ReleaseSpan, String> SINCE =
      ImmutableSetMultimap.<ReleaseSpan, String>builder()
          .putAll(OWNERS, "dclaim", "drelease", "dclaimed")
          .put(ReleaseSpan.since("6.11"), "dnewdev")
          .put(ReleaseSpan.since("6.12"), "flags")
          .build();

  private static final ImmutableSet<String> ON_DOMAINS =
      ImmutableSet.of("dattach", "ddetach", "dmap", "dunmap", "dxlate", "ddel", "ddump");

  private ModuleCommands() {}

  /** Returns the words that it does not know under a release. */
  static ImmutableSet<String> unknownUnder(Release release) {
    return SINCE.entries().stream()
        .filter(row -> !row.getKey().contains(release))
        .map(Map.Entry::getValue)
        .collect(ImmutableSet.toImmutableSet());
  }

  /**
   * Returns the words that it only follows if there is the domain that they name. The module that
   * recorded 5.10's scripts did not ask before it gave a group back to its default domain.
   */
  static ImmutableSet<String> askingForDomain(Release release) {
    return ON_DOMAINS.stream()
        .filter(word -> !word.equals("ddetach") || ALWAYS_ASKS.contains(release))
        .collect(ImmutableSet.toImmutableSet());
  }
}

package org.iommu4j.iommu.release;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.stream.Collectors;
import org.iommu4j.base.Release;

/** The releases whose rules are known. */
public final class KernelReleases {
  /** From the oldest on. */
  private static final ImmutableList<KernelRules> KNOWN = ImmutableList.of(Linux510.RULES);

  private KernelReleases() {}

  /** Returns the rules of all of them, from the oldest on. */
  public static ImmutableList<KernelRules> all() {
    return KNOWN;
  }

  /** Returns the rules that are followed where nobody asks for others. */
  public static KernelRules usual() {
    return KNOWN.get(0);
  }

  /** Returns the rules of a release's series, if they are known. */
  public static Optional<KernelRules> find(Release release) {
    return KNOWN.stream().filter(rules -> rules.release().isSameSeries(release)).findFirst();
  }

  /** Returns the rules of the series with this name, such as {@code 5.10}, if they are known. */
  public static Optional<KernelRules> named(String series) {
    return KNOWN.stream().filter(rules -> rules.release().series().equals(series)).findFirst();
  }

  /**
   * Returns the rules of a release's series.
   *
   * @throws IllegalArgumentException if they are not known
   */
  public static KernelRules rules(Release release) {
    return find(release)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Linux " + release + " is not modelled; " + names() + " is"));
  }

  /** Returns the rules of the newest release that is no newer than another, or of the oldest. */
  public static KernelRules nearest(Release release) {
    return KNOWN.reverse().stream()
        .filter(rules -> rules.release().compareSeries(release) <= 0)
        .findFirst()
        .orElse(usual());
  }

  private static String names() {
    return KNOWN.stream().map(rules -> rules.release().series()).collect(Collectors.joining(", "));
  }
}

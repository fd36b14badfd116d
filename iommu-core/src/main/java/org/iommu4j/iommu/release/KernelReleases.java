package org.iommu4j.iommu.release;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.iommu4j.base.Release;

/** The releases whose rules are known. */
public final class KernelReleases {
  /** From the oldest on. */
  private static final ImmutableList<KernelRules> KNOWN =
      ImmutableList.of(Linux510.RULES, Linux61.RULES, Linux612.RULES);

  /** Which of them stands for others, by the first release that it does so for. */
  private static final ImmutableSortedMap<Release, KernelRules> STANDING_FOR =
      ImmutableSortedMap.of(
          Release.of(0, 0, 0), Linux510.RULES,
          Release.of(5, 11, 0), Linux61.RULES,
          Release.of(6, 7, 0), Linux612.RULES);

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

  /**
   * Returns the rules that stand for a release: its own series' if they are known, else those of
   * the nearest one that is.
   *
   * <p>Between two known releases the nearest is the one that has more of the changes between them.
   * Intel's driver lost its own DMA operations right after 5.10, so all later releases are nearer
   * to 6.1; default domains, the depot of freed addresses and the search for bounce slots became
   * what they are in 6.12 from 6.7 on.
   */
  public static KernelRules nearest(Release release) {
    return find(release).orElseGet(() -> standingFor(release));
  }

  private static KernelRules standingFor(Release release) {
    return Objects.requireNonNull(STANDING_FOR.floorEntry(series(release))).getValue();
  }

  private static Release series(Release release) {
    return Release.of(release.major(), release.minor(), 0);
  }

  /**
   * Returns the rules of the releases that lie between those that stand for two others, from the
   * one that is nearer to the first on.
   */
  public static ImmutableList<KernelRules> between(Release first, Release last) {
    int from = KNOWN.indexOf(nearest(first));
    int to = KNOWN.indexOf(nearest(last));
    return from <= to
        ? KNOWN.subList(Math.min(from + 1, to), to)
        : KNOWN.subList(to + 1, from).reverse();
  }

  private static String names() {
    return KNOWN.stream().map(rules -> rules.release().series()).collect(Collectors.joining(", "));
  }
}

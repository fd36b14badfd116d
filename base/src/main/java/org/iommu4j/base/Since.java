package org.iommu4j.base;

import com.google.common.collect.ImmutableSortedSet;
import com.google.errorprone.annotations.Immutable;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * From when on kernels have something: a release of the main line, and stable updates of older
 * series that it was brought back to.
 *
 * <p>It is written as people write it, {@code 6.13, 6.12.30, 6.1.140}: of 6.12 and 6.1 from these
 * updates on, of no other series before 6.13, and of all from 6.13 on.
 */
@Immutable
public final class Since {
  /** What every release has. */
  public static final Since ALWAYS = Since.of("0.0");

  /** What no release has. */
  public static final Since NEVER = Since.of("9999.0");

  private final Release mainline;
  private final ImmutableSortedSet<Release> stable;

  private Since(Release mainline, ImmutableSortedSet<Release> stable) {
    this.mainline = mainline;
    this.stable = stable;
  }

  /**
   * Reads a list of releases, with commas between them: one series, {@code 6.13}, and for some of
   * those before it one stable update each, {@code 6.12.30}.
   *
   * @throws IllegalArgumentException if it is no such list
   */
  public static Since of(String releases) {
    ImmutableSortedSet<Release> all =
        Stream.of(releases.split(",", -1))
            .map(name -> point(name.strip(), releases))
            .collect(ImmutableSortedSet.toImmutableSortedSet(Release::compareTo));
    Release mainline = all.last();
    ImmutableSortedSet<Release> stable = all.headSet(mainline);
    long series = all.stream().map(Release::series).distinct().count();
    boolean sound =
        !mainline.knowsPatch()
            && stable.stream().allMatch(update -> update.patch() > 0)
            && series == releases.split(",", -1).length;
    if (!sound) {
      throw new IllegalArgumentException(
          "'" + releases + "' is not one series of the main line and older ones' stable updates");
    }
    return new Since(mainline, stable);
  }

  private static Release point(String name, String releases) {
    return Release.parseName(name)
        .filter(release -> release.tag().isEmpty())
        .orElseThrow(
            () ->
                new IllegalArgumentException("'" + name + "' of '" + releases + "' is no release"));
  }

  /**
   * Returns whether a release has it, by its numbers; where the stable update counts and is not
   * known, the answer is no. A build of one's own may have it all the same, see {@link #tells}.
   */
  public boolean contains(Release release) {
    return release.compareSeries(mainline) >= 0
        || stable.stream()
            .anyMatch(update -> update.isSameSeries(release) && release.patch() >= update.patch());
  }

  /**
   * Returns whether a release's numbers tell: not where a distribution chooses for itself what it
   * brings back to an older series, nor where the stable update counts and is not known.
   */
  public boolean tells(Release release) {
    if (release.compareSeries(mainline) >= 0 || equals(NEVER)) {
      return true;
    }
    return release.distribution().followsStable()
        && (release.knowsPatch() || stable.stream().noneMatch(release::isSameSeries));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Since that
        && mainline.equals(that.mainline)
        && stable.equals(that.stable);
  }

  @Override
  public int hashCode() {
    return 31 * mainline.hashCode() + stable.hashCode();
  }

  /** Returns the list, the newest release first. */
  @Override
  public String toString() {
    return Stream.concat(Stream.of(mainline), stable.descendingSet().stream())
        .map(Release::text)
        .collect(Collectors.joining(", "));
  }
}

package org.iommu4j.base;

import com.google.errorprone.annotations.Immutable;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The release of a kernel: its number, its stable updates, and whose build it is.
 *
 * <p>Releases are ordered by their numbers; a release candidate comes before its release.
 *
 * @param major the first number
 * @param minor the second number
 * @param patch which stable update of the series it is, or {@link #UNKNOWN_PATCH}
 * @param distribution whose build it is
 * @param text the whole release as the kernel prints it, such as {@code 5.10.0-46-amd64}; its third
 *     number need not be the stable update's
 */
@Immutable
public record Release(int major, int minor, int patch, Distribution distribution, String text)
    implements Comparable<Release> {
  /** Stands for a stable update that cannot be told from the kernel's text. */
  public static final int UNKNOWN_PATCH = -1;

  /** What a machine is taken to have run where nothing says what it ran. */
  public static final Release ASSUMED =
      new Release(5, 10, UNKNOWN_PATCH, Distribution.UPSTREAM, "5.10");

  private static final Pattern NAME =
      Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,5}))?([^\\s\\d]\\S*)?");

  private static final Pattern BANNER =
      Pattern.compile("Linux version ((\\d{1,4})\\.(\\d{1,4})\\S*)([^\\n]*)");

  private static final Pattern CANDIDATE = Pattern.compile("-rc(\\d{1,3})\\b");

  private static final Comparator<Release> ORDER =
      Comparator.comparingInt(Release::major)
          .thenComparingInt(Release::minor)
          .thenComparingInt(Release::patch)
          .thenComparingInt(Release::candidate)
          .thenComparing(Release::distribution)
          .thenComparing(Release::text);

  /**
   * Returns an upstream release.
   *
   * @param patch the stable update, 0 for the release that it updates
   */
  public static Release of(int major, int minor, int patch) {
    String text = major + "." + minor + "." + patch;
    return new Release(major, minor, patch, Distribution.UPSTREAM, text);
  }

  /** Finds the release in the text of {@code /proc/version} or of a kernel log. */
  public static Optional<Release> parse(String text) {
    Matcher banner = BANNER.matcher(text);
    if (!banner.find()) {
      return Optional.empty();
    }
    String name = banner.group(1);
    Optional<Release> named = parseName(name, banner.group(4));
    if (named.isPresent()) {
      return named;
    }
    int major = Integer.parseInt(banner.group(2));
    int minor = Integer.parseInt(banner.group(3));
    return Optional.of(new Release(major, minor, UNKNOWN_PATCH, Distribution.UPSTREAM, name));
  }

  /**
   * Reads a release as {@code uname -r} prints it; a series alone, {@code 5.10}, will do. Empty if
   * it is none.
   */
  public static Optional<Release> parseName(String name) {
    return parseName(name, "");
  }

  private static Optional<Release> parseName(String name, String build) {
    Matcher numbers = NAME.matcher(name);
    if (!numbers.matches()) {
      return Optional.empty();
    }
    int major = Integer.parseInt(numbers.group(1));
    int minor = Integer.parseInt(numbers.group(2));
    String tag = numbers.group(4) == null ? "" : numbers.group(4);
    Distribution distribution = Distribution.of(tag, build);
    String series = major + "." + minor;
    int patch =
        distribution
            .patchIn(build, series)
            .orElse(
                numbers.group(3) == null || !distribution.namesPatch(tag)
                    ? UNKNOWN_PATCH
                    : Integer.parseInt(numbers.group(3)));
    return Optional.of(new Release(major, minor, patch, distribution, name));
  }

  /** Returns what stable updates share: {@code 5.10}. */
  public String series() {
    return major + "." + minor;
  }

  /** Returns what follows the numbers: {@code -46-amd64}; empty if nothing does. */
  public String tag() {
    Matcher numbers = NAME.matcher(text);
    return numbers.matches() && numbers.group(4) != null ? numbers.group(4) : "";
  }

  /** Returns whether the stable update is known. */
  public boolean knowsPatch() {
    return patch != UNKNOWN_PATCH;
  }

  /** Returns whether both are of one series ({@code 5.10}). */
  public boolean isSameSeries(Release other) {
    return compareSeries(other) == 0;
  }

  /** Compares the series alone, whatever the stable updates. */
  public int compareSeries(Release other) {
    return major == other.major
        ? Integer.compare(minor, other.minor)
        : Integer.compare(major, other.major);
  }

  private int candidate() {
    Matcher candidate = CANDIDATE.matcher(text);
    return candidate.find() ? Integer.parseInt(candidate.group(1)) : Integer.MAX_VALUE;
  }

  @Override
  public int compareTo(Release other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return text;
  }
}

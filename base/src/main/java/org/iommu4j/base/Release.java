package org.iommu4j.base;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The release of a kernel.
 *
 * @param major the first number
 * @param minor the second number
 * @param text the whole release as the kernel prints it, such as {@code 5.10.0-46-amd64}
 */
@Immutable
public record Release(int major, int minor, String text) {
  private static final Pattern VERSION =
      Pattern.compile("Linux version ((\\d{1,4})\\.(\\d{1,4})\\S*)");

  /** The release whose decisions the model mirrors. */
  public static final Release LINUX_5_10 = new Release(5, 10, "5.10");

  /** A later release, of which some parts of the model know what differs. */
  public static final Release LINUX_6_1 = new Release(6, 1, "6.1");

  /** Finds the release in the text of {@code /proc/version} or of a kernel log. */
  public static Optional<Release> parse(String text) {
    Matcher matcher = VERSION.matcher(text);
    if (!matcher.find()) {
      return Optional.empty();
    }
    int major = Integer.parseInt(matcher.group(2));
    int minor = Integer.parseInt(matcher.group(3));
    return Optional.of(new Release(major, minor, matcher.group(1)));
  }

  /** Returns whether both are of one release series ({@code 5.10}). */
  public boolean isSameSeries(Release other) {
    return major == other.major && minor == other.minor;
  }

  @Override
  public String toString() {
    return text;
  }
}

package org.iommu4j.iommu.policy.params;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads values as the kernel's string helpers do. */
final class KernelValues {
  private KernelValues() {}

  /**
   * A number at the start of a text.
   *
   * @param value the number; what exceeds 64 bits is lost
   * @param length how many characters were read
   */
  @Immutable
  public record Prefix(long value, int length) {}

  /**
   * Reads a truth value by its first one or two characters; empty where the kernel says {@code
   * -EINVAL}.
   *
   * <p>Source: {@code lib/kstrtox.c:kstrtobool}.
   *
   * @param truthIsT whether {@code t} and {@code f} are such values
   */
  public static Optional<Boolean> truth(@Nullable String text, boolean truthIsT) {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    char first = text.charAt(0);
    char second = text.length() > 1 ? text.charAt(1) : 0;
    boolean startsWithO = first == 'o' || first == 'O';
    if ("yY1".indexOf(first) >= 0
        || (truthIsT && "tT".indexOf(first) >= 0)
        || (startsWithO && (second == 'n' || second == 'N'))) {
      return Optional.of(true);
    }
    if ("nN0".indexOf(first) >= 0
        || (truthIsT && "fF".indexOf(first) >= 0)
        || (startsWithO && (second == 'f' || second == 'F'))) {
      return Optional.of(false);
    }
    return Optional.empty();
  }

  /**
   * Reads as many digits as there are; {@code 0x} and a hexadecimal digit mean base 16, a leading 0
   * means base 8.
   *
   * <p>Source: {@code lib/vsprintf.c:simple_strtoul}, {@code
   * lib/kstrtox.c:_parse_integer_fixup_radix}.
   */
  public static Prefix unsignedLong(String text) {
    boolean hex =
        text.length() > 2 && text.regionMatches(true, 0, "0x", 0, 2) && digit(text, 2, 16) >= 0;
    int radix = hex ? 16 : text.startsWith("0") ? 8 : 10;
    int at = hex ? 2 : 0;
    long value = 0;
    while (digit(text, at, radix) >= 0) {
      value = value * radix + digit(text, at, radix);
      at++;
    }
    return new Prefix(value, at);
  }

  /** Returns whether the text starts with an ASCII digit. */
  public static boolean startsWithDigit(String text) {
    return digit(text, 0, 10) >= 0;
  }

  private static int digit(String text, int at, int radix) {
    char c = at < text.length() ? text.charAt(at) : 0;
    return c < 0x80 ? Character.digit(c, radix) : -1;
  }
}

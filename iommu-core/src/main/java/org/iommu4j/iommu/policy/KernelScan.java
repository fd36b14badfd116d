package org.iommu4j.iommu.policy;

/**
 * Reads hexadecimal numbers as the kernel's {@code sscanf} does: blanks before a number are
 * skipped, {@code 0x} is taken even without a digit after it, and a number that is too large wraps
 * around.
 *
 * <p>Source: {@code lib/vsprintf.c:vsscanf}.
 */
final class KernelScan {
  private final long[] values = new long[4];
  private final String text;
  private int count;
  private int end;

  private KernelScan(String text) {
    this.text = text;
  }

  /**
   * Reads a text.
   *
   * @param format {@code x} for a number, {@code c} for any character, all else for itself
   */
  static KernelScan of(String text, String format) {
    KernelScan scan = new KernelScan(text);
    for (int at = 0; at < format.length(); at++) {
      if (!scan.take(format.charAt(at))) {
        break;
      }
    }
    return scan;
  }

  private boolean take(char wanted) {
    if (end >= text.length()) {
      return false;
    }
    return switch (wanted) {
      case 'x' -> takeNumber();
      case 'c' -> {
        count++;
        end++;
        yield true;
      }
      default -> text.charAt(end++) == wanted;
    };
  }

  private boolean takeNumber() {
    while (end < text.length() && isBlank(text.charAt(end))) {
      end++;
    }
    if (digit(end) < 0) {
      return false;
    }
    if (text.startsWith("0x", end) || text.startsWith("0X", end)) {
      end += 2;
    }
    long value = 0;
    for (; digit(end) >= 0; end++) {
      value = value << 4 | digit(end);
    }
    values[count++] = value;
    return true;
  }

  private int digit(int at) {
    char c = at < text.length() ? text.charAt(at) : 0;
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
  }

  /** Returns how many numbers and characters were read. */
  int count() {
    return count;
  }

  /** Returns the number at this place, cut to 32 bits. */
  int value(int index) {
    return (int) values[index];
  }

  /** Returns where reading stopped. */
  int end() {
    return end;
  }
}

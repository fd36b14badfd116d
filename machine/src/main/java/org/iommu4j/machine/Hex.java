package org.iommu4j.machine;

import org.iommu4j.machine.input.BadInputException;

/** Numbers in files, each with the line that it stands on. */
final class Hex {
  private static final String RULE = "a number has 1 to 16 hexadecimal digits";

  private Hex() {}

  /** Returns an unsigned hexadecimal number, with or without {@code 0x}. */
  static long parse(String file, int line, String text) {
    String number = text.strip();
    String digits = number.startsWith("0x") ? number.substring(2) : number;
    if (!digits.matches("[0-9a-fA-F]{1,16}")) {
      throw BadInputException.atLine(file, line, RULE, "found '" + number + "'");
    }
    return Long.parseUnsignedLong(digits, 16);
  }

  /** Returns a hexadecimal number that is not above {@code most}. */
  static int parse(String file, int line, String text, int most) {
    long value = parse(file, line, text);
    if (Long.compareUnsigned(value, most) > 0) {
      String rule = "this number is at most 0x" + Integer.toHexString(most);
      throw BadInputException.atLine(file, line, rule, "found '" + text.strip() + "'");
    }
    return (int) value;
  }

  /** Returns the range of these two ends, of which the first is not above the last. */
  static AddressRange range(String file, int line, String first, String last, String name) {
    AddressRange range = new AddressRange(parse(file, line, first), parse(file, line, last), name);
    if (Long.compareUnsigned(range.first(), range.last()) > 0) {
      throw BadInputException.atLine(
          file, line, "a range ends where it starts or later", range.toString());
    }
    return range;
  }
}

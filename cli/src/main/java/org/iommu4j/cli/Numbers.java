package org.iommu4j.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Addresses as people type them. */
final class Numbers {
  private Numbers() {}

  /** Returns a number of up to 64 bits, decimal or hexadecimal after {@code 0x}. */
  static long parse(@Nullable CommandSpec spec, String option, String text) {
    try {
      return text.startsWith("0x") || text.startsWith("0X")
          ? Long.parseUnsignedLong(text, 2, text.length(), 16)
          : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw Usage.error(
          spec, option + ": '" + text + "' is no decimal or 0x-hexadecimal number of 64 bits");
    }
  }
}

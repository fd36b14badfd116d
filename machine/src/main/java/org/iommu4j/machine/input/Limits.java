package org.iommu4j.machine.input;

import java.io.IOException;
import java.io.InputStream;

/** The limits that every tree keeps, and the rules by name. */
final class Limits {
  static final String LINKS_STAY = "a symbolic link leads to a place inside of the tree";
  static final String LINKS_END = "a chain of symbolic links ends";

  private Limits() {}

  static void check(boolean kept, String file, String rule) {
    if (!kept) {
      throw BadInputException.atOffset(file, 0, rule, "this one does not");
    }
  }

  /** Reads to the end of the stream, which must come within the limit. */
  static byte[] readAll(InputStream in, int limitBytes, String file) throws IOException {
    byte[] bytes = in.readNBytes(limitBytes);
    if (bytes.length == limitBytes && in.read() >= 0) {
      throw tooLarge(file, limitBytes);
    }
    return bytes;
  }

  static BadInputException tooLarge(String file, int limitBytes) {
    return BadInputException.atOffset(
        file, limitBytes, "such a file has at most " + limitBytes + " bytes", "it goes on");
  }
}

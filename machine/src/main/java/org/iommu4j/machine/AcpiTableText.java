package org.iommu4j.machine;

import com.google.common.io.BaseEncoding;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactFile;

/**
 * Takes an ACPI table out of a file: the table itself, or the text that {@code acpidump} prints of
 * one or many tables.
 *
 * <p>Source: {@code source/tools/acpidump/apdump.c:ApDumpTableBuffer} of ACPICA.
 */
final class AcpiTableText {
  private static final Pattern TITLE = Pattern.compile("(\\S{4}) @ 0x[0-9A-Fa-f]{1,16}\\s*");
  private static final Pattern LINE =
      Pattern.compile("\\s*([0-9A-Fa-f]{1,8}):((?: [0-9A-Fa-f]{2}){1,16})(?:  .*|\\s*)");
  private static final int TABLE_LIMIT_BYTES = 1 << 20;
  private static final int LINES_LIMIT = TABLE_LIMIT_BYTES / 16;

  private AcpiTableText() {}

  /** Returns the table with this signature; of several the first. */
  static FirmwareTable find(String signature, FactFile file) {
    byte[] bytes = file.bytes().orElseThrow();
    byte[] magic = signature.getBytes(StandardCharsets.US_ASCII);
    String text = file.text().orElseThrow();
    boolean dumped = text.contains(signature + " @ 0x");
    if (!dumped && Arrays.equals(Arrays.copyOf(bytes, magic.length), magic)) {
      if (bytes.length > TABLE_LIMIT_BYTES) {
        throw BadInputException.atOffset(
            file.path(), TABLE_LIMIT_BYTES, "a table has at most 1 MiB", "it goes on");
      }
      return new FirmwareTable(signature, file.path(), bytes);
    }
    return new FirmwareTable(signature, file.path(), parse(signature, file.path(), text));
  }

  private static byte[] parse(String signature, String file, String text) {
    int title = (int) text.lines().takeWhile(line -> !isTitle(signature, line)).count() + 1;
    List<String> lines =
        text.lines()
            .skip(title)
            .takeWhile(line -> !endsTable(line))
            .limit(LINES_LIMIT + 1L)
            .toList();
    if (lines.isEmpty() || lines.size() > LINES_LIMIT) {
      throw BadInputException.atLine(
          file,
          title,
          "the file is a " + signature + " table of at most 1 MiB or acpidump's text of one",
          lines.isEmpty() ? "neither" : "it goes on");
    }
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    for (int i = 0; i < lines.size(); i++) {
      Matcher line = LINE.matcher(lines.get(i));
      if (!line.matches() || Long.parseLong(line.group(1), 16) != table.size()) {
        throw BadInputException.atLine(
            file, title + i + 1, "a line is OFFSET: BYTES and follows the last", lines.get(i));
      }
      String digits = line.group(2).replace(" ", "").toUpperCase(Locale.ROOT);
      table.writeBytes(BaseEncoding.base16().decode(digits));
    }
    return table.toByteArray();
  }

  private static boolean isTitle(String signature, String line) {
    Matcher title = TITLE.matcher(line);
    return title.matches() && title.group(1).equals(signature);
  }

  private static boolean endsTable(String line) {
    return line.isBlank() || TITLE.matcher(line).matches();
  }
}

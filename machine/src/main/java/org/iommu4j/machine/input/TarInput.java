package org.iommu4j.machine.input;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of a tar in order: ustar, with GNU long names and POSIX extended headers.
 *
 * <p>Source: IEEE Std 1003.1, pax, "ustar Interchange Format" and "pax Extended Header".
 */
final class TarInput {
  private static final int BLOCK_BYTES = 512;
  private static final int LONG_HEADER_LIMIT_BYTES = 64 << 10;
  private static final int NAME_LIMIT = 512;
  private static final int EXTENSION_LIMIT = 16;

  private final String file;
  private final InputStream in;
  private final long limitBytes;
  private long offsetBytes;
  private long leftOfMember;
  private long padding;

  TarInput(String file, InputStream in, long limitBytes) {
    this.file = file;
    this.in = in;
    this.limitBytes = limitBytes;
  }

  BadInputException bad(String rule, String detail) {
    return BadInputException.atOffset(file, offsetBytes, rule, detail);
  }

  void check(boolean kept, String rule) {
    if (!kept) {
      throw bad(rule, "this one does not");
    }
  }

  /** Returns the next member's header, or null at the archive's end. */
  @Nullable TarHeader next() throws IOException {
    Map<String, String> extended = new HashMap<>();
    for (int left = EXTENSION_LIMIT; left > 0; left--) {
      byte[] block = readBlock();
      if (block == null || isZero(block)) {
        return null;
      }
      TarHeader header = parse(block);
      leftOfMember = header.sizeBytes();
      padding = -header.sizeBytes() & (BLOCK_BYTES - 1);
      if (!takeExtension(header, extended)) {
        return apply(extended, header);
      }
      skipMember();
    }
    throw bad("a member has at most 16 headers", "there are more");
  }

  private boolean takeExtension(TarHeader header, Map<String, String> extended) throws IOException {
    switch (header.type()) {
      case 'L' -> extended.put("path", cut(longHeader(header)));
      case 'K' -> extended.put("linkpath", cut(longHeader(header)));
      case 'x' -> readRecords(longHeader(header), extended);
      case 'g' -> {} // global headers hold comments
      default -> {
        return false;
      }
    }
    return true;
  }

  private String longHeader(TarHeader header) throws IOException {
    check(header.sizeBytes() <= LONG_HEADER_LIMIT_BYTES, "a long header has at most 65536 bytes");
    return new String(readMember((int) header.sizeBytes()), StandardCharsets.UTF_8);
  }

  private static String cut(String text) {
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  // "LENGTH KEY=VALUE\n"; the length counts bytes and is not needed where values have one line.
  private void readRecords(String records, Map<String, String> extended) {
    for (String line : records.split("\n", -1)) {
      int blank = line.indexOf(' ');
      int equals = line.indexOf('=');
      if (blank >= 0 && equals > blank) {
        extended.put(line.substring(blank + 1, equals), line.substring(equals + 1));
      }
    }
    check(
        extended.keySet().stream().noneMatch(key -> key.startsWith("GNU.sparse")),
        "no member is sparse");
  }

  private TarHeader apply(Map<String, String> extended, TarHeader header) {
    String name = extended.getOrDefault("path", header.name());
    String linkName = extended.getOrDefault("linkpath", header.linkName());
    check(
        name.length() <= NAME_LIMIT && linkName.length() <= NAME_LIMIT,
        "a name has at most 512 characters");
    String size = extended.get("size");
    if (size != null && hasContent(header.type())) {
      check(size.matches("[0-9]{1,18}"), "a size is a decimal number");
      leftOfMember = Long.parseLong(size);
      padding = -leftOfMember & (BLOCK_BYTES - 1);
    }
    return new TarHeader(name, linkName, header.type(), leftOfMember);
  }

  private TarHeader parse(byte[] block) {
    check(checksumOf(block) == octal(block, 148, 8), "a header's checksum is right");
    String name = text(block, 0, 100);
    String prefix = text(block, 257, 6).equals("ustar") ? text(block, 345, 155) : "";
    char type = (char) (block[156] & 0xff);
    return new TarHeader(
        prefix.isEmpty() ? name : prefix + "/" + name,
        text(block, 157, 100),
        type,
        hasContent(type) ? octal(block, 124, 12) : 0);
  }

  private static boolean hasContent(char type) {
    return type != '1' && type != '2' && type != '5';
  }

  private static long checksumOf(byte[] block) {
    long sum = 0;
    for (int i = 0; i < BLOCK_BYTES; i++) {
      sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xff;
    }
    return sum;
  }

  private long octal(byte[] block, int at, int length) {
    String digits = new String(block, at, length, StandardCharsets.ISO_8859_1);
    String number = cut(digits).strip();
    check(number.matches("[0-7]{0,12}"), "a header's number is octal");
    return number.isEmpty() ? 0 : Long.parseLong(number, 8);
  }

  private static String text(byte[] block, int at, int length) {
    int end = at;
    while (end < at + length && block[end] != 0) {
      end++;
    }
    return new String(block, at, end - at, StandardCharsets.UTF_8);
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  // An archive may lack its two blocks of zeros, but not a part of a block.
  private byte @Nullable [] readBlock() throws IOException {
    byte[] block = in.readNBytes(BLOCK_BYTES);
    count(block.length);
    if (block.length == 0 && offsetBytes > 0) {
      return null;
    }
    if (block.length < BLOCK_BYTES) {
      throw new EOFException();
    }
    return block;
  }

  /** Returns the next bytes of the member, no more than are left of it. */
  byte[] readMember(int sizeBytes) throws IOException {
    byte[] bytes = in.readNBytes(sizeBytes);
    count(bytes.length);
    leftOfMember -= bytes.length;
    if (bytes.length < sizeBytes) {
      throw new EOFException();
    }
    return bytes;
  }

  /** Passes over what is left of the member. */
  void skipMember() throws IOException {
    long left = leftOfMember + padding;
    check(left <= limitBytes - offsetBytes, "an archive unpacks to at most 512 MiB");
    in.skipNBytes(left);
    count(left);
    leftOfMember = 0;
    padding = 0;
  }

  /** Reads to the end of the stream, where a packed one checks its sum. */
  void drain() throws IOException {
    byte[] rest = new byte[1 << 16];
    for (int read = in.read(rest); read > 0; read = in.read(rest)) {
      count(read);
    }
  }

  private void count(long bytes) {
    offsetBytes += bytes;
    check(offsetBytes <= limitBytes, "an archive unpacks to at most 512 MiB");
  }
}

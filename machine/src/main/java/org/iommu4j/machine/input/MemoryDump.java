package org.iommu4j.machine.input;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.dma.PhysicalMemory;

/**
 * Physical memory as somebody took it from a machine: some of its words, or an image of a stretch.
 *
 * <p>In a text a line is {@code ADDRESS: WORD ...}, in hexadecimal: the physical address of the
 * first 64-bit word, then the words in the order of their addresses, 16 digits each or fewer after
 * {@code 0x}. Blank lines and those that begin with {@code #} are passed over. QEMU's monitor
 * prints this for {@code xp /512gx ADDRESS}. An image is the bytes themselves.
 *
 * <p>Immutable, but for the memory, which is the caller's.
 */
public final class MemoryDump {
  private static final int TEXT_LIMIT_BYTES = 32 << 20;
  private static final int IMAGE_LIMIT_BYTES = 64 << 20;
  private static final int WORDS_LIMIT = 64;
  private static final Pattern LINE =
      Pattern.compile(
          "(?:0x)?([0-9a-fA-F]{1,16}):((?:\\s+(?:0x[0-9a-fA-F]{1,16}|[0-9a-fA-F]{16}))+)");
  private static final Pattern WORD = Pattern.compile("(?:0x)?([0-9a-fA-F]{1,16})(?=\\s|$)");

  private final PhysicalMemory memory = PhysicalMemory.everywhere();
  private final RangeSet<Long> held = TreeRangeSet.create();

  private MemoryDump() {}

  /**
   * Reads a text.
   *
   * @throws BadInputException if it is none, contradicts itself, or holds no word
   */
  public static MemoryDump readText(Path path) {
    FactFile file = FactFile.read(path, TEXT_LIMIT_BYTES);
    return parse(path.toString(), file.text().orElse(""));
  }

  /**
   * Parses a text.
   *
   * @param name what to call it in errors
   * @throws BadInputException as for {@link #readText}
   */
  public static MemoryDump parse(String name, String text) {
    MemoryDump dump = new MemoryDump();
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      String stripped = line.strip();
      if (!stripped.isEmpty() && !stripped.startsWith("#")) {
        dump.take(name, number, stripped);
      }
    }
    if (dump.held.isEmpty()) {
      throw BadInputException.atLine(
          name, Math.max(1, number), "a dump holds at least one word", "it holds none");
    }
    return dump;
  }

  private void take(String name, int number, String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw BadInputException.atLine(
          name, number, "a line of a dump is ADDRESS: WORD ..., in hexadecimal", line);
    }
    long phys = Long.parseUnsignedLong(matcher.group(1), 16);
    Matcher words = WORD.matcher(matcher.group(2));
    for (int count = 1; words.find(); count++, phys += Long.BYTES) {
      if (count > WORDS_LIMIT) {
        throw BadInputException.atLine(name, number, "a line has at most 64 words", line);
      }
      checkPlace(name, number, phys);
      put(name, number, phys, Long.parseUnsignedLong(words.group(1), 16));
    }
  }

  private static void checkPlace(String name, int number, long phys) {
    if (phys % Long.BYTES != 0 || phys >>> PhysicalMemory.ADDRESS_BITS != 0) {
      throw BadInputException.atLine(
          name, number, "a word lies at a multiple of 8 below 2^52", "0x" + Long.toHexString(phys));
    }
  }

  private void put(String name, int number, long phys, long word) {
    if (holds(phys, Long.BYTES) && memory.read64(phys) != word) {
      throw BadInputException.atLine(
          name, number, "a word has one value", String.format("another at 0x%x before", phys));
    }
    memory.write64(phys, word);
    held.add(Range.closedOpen(phys, phys + Long.BYTES));
  }

  /**
   * Reads an image of a stretch of memory.
   *
   * @param basePhys where the stretch begins, a multiple of 4096
   * @throws BadInputException if it is no whole number of words or too large
   */
  public static MemoryDump readImage(Path path, long basePhys) {
    byte[] bytes = FactFile.read(path, IMAGE_LIMIT_BYTES).bytes().orElse(new byte[0]);
    if (bytes.length == 0 || bytes.length % Long.BYTES != 0) {
      throw BadInputException.atOffset(
          path.toString(),
          bytes.length,
          "an image is one or more words of 8 bytes",
          bytes.length + " bytes");
    }
    MemoryDump dump = new MemoryDump();
    for (int at = 0; at < bytes.length; at += PAGE_BYTES) {
      int length = Math.min(PAGE_BYTES, bytes.length - at);
      if (!isZero(bytes, at, length)) {
        dump.memory.write(basePhys + at, bytes, at, length);
      }
    }
    dump.held.add(Range.closedOpen(basePhys, basePhys + bytes.length));
    return dump;
  }

  private static boolean isZero(byte[] bytes, int start, int length) {
    for (int i = start; i < start + length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the memory; what the dump does not hold reads as zeros. */
  public PhysicalMemory memory() {
    return memory;
  }

  /** Returns whether the dump holds all of these bytes. */
  public boolean holds(long phys, int bytes) {
    return held.encloses(Range.closedOpen(phys, phys + bytes));
  }
}

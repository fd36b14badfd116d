package org.iommu4j.machine.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MemoryDumpTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path root;

  @Test
  void theMonitorsOutputIsRead() {
    MemoryDump dump =
        MemoryDump.parse(
            "dump",
            """
            # the table
            0000000017d62018: 0x0000000017d65003 0x0000000000000000

            0x2000:\tffffffffffffffff 0x3
            """);
    assertEquals(0x17d6_5003L, dump.memory().read64(0x17d6_2018L));
    assertEquals(-1, dump.memory().read64(0x2000));
    assertEquals(3, dump.memory().read64(0x2008));
    assertTrue(dump.holds(0x2000, 16));
    assertTrue(dump.holds(0x17d6_2020L, 8));
    assertFalse(dump.holds(0x2008, 16));
    assertFalse(dump.holds(0x1ff8, 8));
  }

  @Property(tries = 100)
  void wordsComeBack(
      @ForAll @LongRange(min = 0, max = (1L << 49) - 64) long place,
      @ForAll @Size(min = 1, max = 64) List<Long> words) {
    long phys = place * 8;
    StringBuilder text = new StringBuilder(Long.toHexString(phys) + ":");
    words.forEach(word -> text.append(String.format(" %016x", word)));
    MemoryDump dump = MemoryDump.parse("dump", text.toString());
    for (int i = 0; i < words.size(); i++) {
      assertEquals(words.get(i), dump.memory().read64(phys + 8L * i));
    }
    assertTrue(dump.holds(phys, words.size() * 8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2000: 0x1;2000: 0x2 | line 2 | a word has one value",
        "2004: 0x1 | line 1 | a word lies at a multiple of 8",
        "10000000000000: 0x1 | line 1 | below 2^52",
        "ffffffffffff8: 0x1 0x2 | line 1 | below 2^52",
        "2000: 1 | line 1 | ADDRESS: WORD",
        "2000: 0x12345678901234567 | line 1 | ADDRESS: WORD",
        "\u0001\u0002ELF | line 1 | ADDRESS: WORD",
        "# nothing | line 1 | at least one word",
      })
  void whatIsNoDumpIsRefused(String text, String place, String rule) {
    BadInputException refused =
        assertThrows(
            BadInputException.class, () -> MemoryDump.parse("dump", text.replace(';', '\n')));
    assertTrue(refused.getMessage().startsWith("dump, " + place), refused::getMessage);
    assertTrue(refused.rule().contains(rule), refused::rule);
  }

  @Property(tries = 200)
  void whateverComesIsReadOrRefused(@ForAll String text) {
    try {
      assertFalse(MemoryDump.parse("dump", text).holds(1L << 52, 8));
    } catch (BadInputException refused) {
      assertEquals("dump", refused.file());
    }
  }

  @Test
  void anImageBeginsWhereItIsSaidTo() throws IOException {
    byte[] bytes = new byte[4096 + 8];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(4096, 0x1234_5678_9abc_def0L);
    MemoryDump dump = MemoryDump.readImage(Files.write(root.resolve("image"), bytes), 0x7000);
    assertEquals(0x1234_5678_9abc_def0L, dump.memory().read64(0x8000));
    assertTrue(dump.holds(0x7000, 4096));
    assertFalse(dump.holds(0x8008, 8));
    Path odd = Files.write(root.resolve("odd"), new byte[12]);
    assertThrows(BadInputException.class, () -> MemoryDump.readImage(odd, 0));
    Path empty = Files.write(root.resolve("empty"), new byte[0]);
    assertThrows(BadInputException.class, () -> MemoryDump.readImage(empty, 0));
  }
}

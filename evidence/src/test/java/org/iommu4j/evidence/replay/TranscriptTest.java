package org.iommu4j.evidence.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.iommu4j.machine.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A transcript is read line by line. */
final class TranscriptTest {
  @Test
  void linesAroundACommandBelongToIt() {
    Transcript transcript =
        Transcript.parse(
            "t",
            """
            # device 0x1000
            edu r 0x1000 16 -> done
            # DMAR: DRHD: handling fault status reg 2
            dump ->
              pte iova=0x1000
            """);
    assertEquals(
        List.of(
            List.of("# device 0x1000", "edu r 0x1000 16 -> done"),
            List.of("dump ->", "  pte iova=0x1000")),
        transcript.commands().stream().map(command -> (List<String>) command.recorded()).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"info\n\u0000\n", "info\n\u0085\n", "info\nmask \u001b[1m32\n"})
  void whatIsNoTextIsRefused(String text) {
    BadInputException bad =
        assertThrows(BadInputException.class, () -> Transcript.parse("t", text));
    assertEquals("line 2", bad.place());
  }

  @Test
  void anAnswerWithoutACommandIsRefused() {
    BadInputException bad =
        assertThrows(BadInputException.class, () -> Transcript.parse("t", "info\n -> ok\n"));
    assertEquals("line 2", bad.place());
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "0x1000, 4096",
    "0X1f, 31",
    "0x+5, 0",
    "010, 8",
    "0, 0",
    "0xffffffffffffffff, -1",
    "0x-76, 0",
    "0x10000000000000000, 0",
    "18446744073709551616, 0",
    "0x, 0",
    "08, 0",
    "12k, 0"
  })
  void aNumberIsReadAsTheModuleReadsIt(String word, long number) {
    TranscriptCommand command = Transcript.parse("t", "dxlate 1 " + word).commands().get(0);
    assertEquals(number, command.number(2));
  }

  @Test
  void wordsBeyondThe72OfTheModuleAreDropped() {
    TranscriptCommand command =
        Transcript.parse("t", "sg 1 to" + " 1:0:16".repeat(80)).commands().get(0);
    assertEquals(3 + 69, command.words().size());
  }

  @Test
  void whatDoesNotBeginAsANumberIsRefused() {
    TranscriptCommand command = Transcript.parse("t", "info\ndxlate 1 x").commands().get(1);
    BadInputException bad = assertThrows(BadInputException.class, () -> command.number(2));
    assertEquals("line 2", bad.place());
  }
}

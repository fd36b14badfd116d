package org.iommu4j.cli.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.iommu4j.cli.render.TextTable.Cell;
import org.junit.jupiter.api.Test;

/** Columns, cuts and colours. */
final class TextTableTest {
  @Test
  void columnsAlignAndTheLastIsCutAtABlank() {
    TextTable table = new TextTable(24, 10, 4);
    table.add(Cell.of("a"), Cell.right("1"), Cell.of("short"));
    table.add(Cell.of("long"), Cell.right("22"), Cell.of("some words to cut away"));
    assertEquals(List.of("a      1  short", "long  22  some words..."), table.lines());
  }

  @Test
  void aLongWordIsCutWithinItself() {
    TextTable table = new TextTable(15, 10);
    table.add(Cell.of("a"), Cell.of("a wordthatislong"));
    assertEquals(List.of("a  a wordtha..."), table.lines());
  }

  @Test
  void aCutBetweenClausesLeavesAWholeOne() {
    TextTable table = new TextTable(20, 10);
    table.add(Cell.of("a"), Cell.of("one clause; another clause"));
    assertEquals(List.of("a  one clause"), table.lines());
  }

  @Test
  void coloursTakeNoRoom() {
    TextTable table = new TextTable(40, 10);
    table.add(Cell.of("a", Palette.of(true)::warning), Cell.of("x"));
    table.add(Cell.of("bbb"), Cell.of("y"));
    assertEquals(List.of("\u001b[33ma\u001b[0m    x", "bbb  y"), table.lines());
  }

  @Test
  void aRowMustFillTheTable() {
    TextTable table = new TextTable(40, 10);
    assertThrows(IllegalArgumentException.class, () -> table.add(Cell.of("a")));
  }

  @Test
  void wrappedLinesKeepTheirIndent() {
    String words = "word ".repeat(30).strip();
    for (String line : Page.wrap("  - ", "    ", words)) {
      assertEquals(true, line.length() <= Page.WIDTH && line.startsWith("  "), line);
    }
  }
}

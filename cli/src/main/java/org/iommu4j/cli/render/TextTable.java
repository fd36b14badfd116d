package org.iommu4j.cli.render;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Rows of text in aligned columns, two blanks apart; the last column takes what is left of the line
 * and is cut there, between two clauses if it has several.
 *
 * <p>Not thread-safe.
 */
public final class TextTable {
  private static final String GAP = "  ";
  private static final String CUT = "...";

  private final int lineWidth;
  private final ImmutableList<Integer> limits;
  private final List<ImmutableList<Cell>> rows = new ArrayList<>();

  /**
   * One cell.
   *
   * @param text the text, one line, without colours
   * @param colour applied after the text was aligned
   * @param toTheRight whether the text is aligned to the right
   */
  public record Cell(String text, UnaryOperator<String> colour, boolean toTheRight) {
    /** Spells out control characters. */
    public Cell {
      text = Page.printable(text);
    }

    /** Returns a cell of this text, without a colour. */
    public static Cell of(String text) {
      return new Cell(text, UnaryOperator.identity(), false);
    }

    /** Returns a cell of this text in this colour. */
    public static Cell of(String text, UnaryOperator<String> colour) {
      return new Cell(text, colour, false);
    }

    /** Returns a cell of this text, aligned to the right. */
    public static Cell right(String text) {
      return new Cell(text, UnaryOperator.identity(), true);
    }
  }

  /**
   * Makes an empty table.
   *
   * @param lineWidth the columns that a line may take
   * @param limits the most characters that each column but the last may take
   */
  public TextTable(int lineWidth, Integer... limits) {
    this.lineWidth = lineWidth;
    this.limits = ImmutableList.copyOf(limits);
  }

  /** Adds a row; it must have one cell more than there are limits. */
  public void add(Cell... cells) {
    checkArgument(
        cells.length == limits.size() + 1,
        "a row of %s cells in a table of %s columns",
        cells.length,
        limits.size() + 1);
    rows.add(ImmutableList.copyOf(cells));
  }

  /** Returns the rows, a line each. */
  public ImmutableList<String> lines() {
    List<Integer> widths = new ArrayList<>();
    int used = 0;
    for (int column = 0; column < limits.size(); column++) {
      int width = widest(column);
      widths.add(width);
      used += width + GAP.length();
    }
    widths.add(Math.max(CUT.length(), lineWidth - used));
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    rows.forEach(row -> lines.add(line(row, widths)));
    return lines.build();
  }

  private int widest(int column) {
    int widest = 0;
    for (ImmutableList<Cell> row : rows) {
      widest = Math.max(widest, row.get(column).text().length());
    }
    return Math.min(widest, limits.get(column));
  }

  private static String line(List<Cell> row, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < row.size(); column++) {
      Cell cell = row.get(column);
      int width = widths.get(column);
      String text = cut(cell.text(), width);
      String padding = " ".repeat(width - text.length());
      boolean last = column == row.size() - 1;
      if (cell.toTheRight()) {
        line.append(padding);
      }
      line.append(cell.colour().apply(text));
      if (!cell.toTheRight() && !last) {
        line.append(padding);
      }
      line.append(last ? "" : GAP);
    }
    return line.toString().stripTrailing();
  }

  private static String cut(String text, int width) {
    if (text.length() <= width) {
      return text;
    }
    int clause = text.lastIndexOf("; ", width);
    if (clause > 0) {
      return text.substring(0, clause);
    }
    int blank = text.lastIndexOf(' ', width - CUT.length());
    int end = blank > width / 2 ? blank : Math.max(0, width - CUT.length());
    return text.substring(0, end) + CUT;
  }
}

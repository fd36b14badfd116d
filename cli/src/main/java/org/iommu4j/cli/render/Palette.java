package org.iommu4j.cli.render;

/**
 * Colours for a terminal, or none.
 *
 * <p>Immutable. Without colours every method returns the text as it is.
 */
public final class Palette {
  private static final String RESET = "\u001b[0m";

  private final boolean coloured;

  private Palette(boolean coloured) {
    this.coloured = coloured;
  }

  /** Returns the palette of a terminal ({@code true}) or of a file or pipe ({@code false}). */
  public static Palette of(boolean coloured) {
    return new Palette(coloured);
  }

  /** Marks a heading. */
  public String heading(String text) {
    return wrap("1", text);
  }

  /** Marks what is translated. */
  public String translated(String text) {
    return wrap("32", text);
  }

  /** Marks what is mapped directly. */
  public String direct(String text) {
    return wrap("36", text);
  }

  /** Marks what deserves a second look. */
  public String warning(String text) {
    return wrap("33", text);
  }

  /** Marks what was taken away or is wrong. */
  public String removed(String text) {
    return wrap("31", text);
  }

  /** Marks what was added or is right. */
  public String added(String text) {
    return wrap("32", text);
  }

  /** Marks what may be passed over. */
  public String faint(String text) {
    return wrap("2", text);
  }

  private String wrap(String code, String text) {
    return coloured && !text.isBlank() ? "\u001b[" + code + "m" + text + RESET : text;
  }
}

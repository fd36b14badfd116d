package org.iommu4j.cli.render;

import com.google.common.base.Splitter;
import com.google.common.base.Strings;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;

/** Lines of a page of 100 columns. */
public final class Page {
  /** The columns of a line. */
  static final int WIDTH = 100;

  private static final Splitter BLANKS = Splitter.on(' ').omitEmptyStrings();

  private Page() {}

  /** Returns the text with its control characters spelled out, so that it cannot act. */
  public static String printable(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      shown.append(Character.isISOControl(c) ? String.format("\\x%02x", (int) c) : c);
    }
    return shown.toString();
  }

  /** Returns a text after its label, which is a heading. */
  static ImmutableList<String> labelled(String label, int width, String text, Palette palette) {
    String padded = Strings.padEnd(label, width, ' ');
    ImmutableList<String> wrapped = wrap(padded, " ".repeat(width), text);
    return ImmutableList.<String>builder()
        .add(palette.heading(label) + wrapped.get(0).substring(label.length()))
        .addAll(wrapped.subList(1, wrapped.size()))
        .build();
  }

  /**
   * Breaks a text at its blanks.
   *
   * @param first what the first line starts with
   * @param rest what all others start with
   */
  static ImmutableList<String> wrap(String first, String rest, String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(first);
    boolean empty = true;
    for (String word : BLANKS.split(printable(text))) {
      if (!empty && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(rest);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    lines.add(line.toString().stripTrailing());
    return ImmutableList.copyOf(lines);
  }
}

package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.evidence.replay.ReplayedCommand;

/** Where a replay differs from what was recorded, in text. */
public final class ReplayText {
  private static final int SHOWN = 5;
  private static final int CONTEXT = 3;
  private static final int LINES_SHOWN = 12;

  private final Palette palette;

  /** Makes a renderer with these colours. */
  public ReplayText(Palette palette) {
    this.palette = palette;
  }

  /** Returns the first differences in their context, and a summary. */
  public ImmutableList<String> comparison(List<ReplayedCommand> replayed) {
    ImmutableList.Builder<String> text = ImmutableList.builder();
    long exact = 0;
    long lines = 0;
    int shown = 0;
    for (int i = 0; i < replayed.size(); i++) {
      ReplayedCommand command = replayed.get(i);
      exact += command.exactLines();
      lines += command.lineCount();
      if (!command.isExact() && shown++ < SHOWN) {
        difference(replayed, i, text);
      }
    }
    if (shown > SHOWN) {
      text.add("... and " + (shown - SHOWN) + " more commands differ");
    }
    return text.add(exact + " of " + lines + " lines exact").build();
  }

  private void difference(
      List<ReplayedCommand> replayed, int index, ImmutableList.Builder<String> text) {
    ReplayedCommand command = replayed.get(index);
    text.add("line " + command.command().line() + ":");
    for (int i = Math.max(0, index - CONTEXT); i < index; i++) {
      replayed.get(i).lines().stream().limit(1).forEach(line -> text.add("    " + line));
    }
    int shown = 0;
    for (int i = 0; i < command.lineCount() && shown < LINES_SHOWN; i++) {
      String recorded = at(command.command().recorded(), i);
      String model = at(command.lines(), i);
      if (!recorded.equals(model)) {
        text.add(palette.removed("  - " + recorded));
        text.add(palette.added("  + " + model));
        shown++;
      }
    }
  }

  private static String at(List<String> lines, int index) {
    return index < lines.size() ? lines.get(index) : "(no line)";
  }
}

package org.iommu4j.cli.render;

import com.google.common.base.Strings;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;

/** The verdicts on the words of a command line as text. */
public final class CmdlineText {
  private static final int WORD_LIMIT = 30;
  private static final int VERDICT_WIDTH = 15;

  private final Palette palette;

  /** Makes a printer with these colours. */
  public CmdlineText(Palette palette) {
    this.palette = palette;
  }

  /** Returns a paragraph for each word. */
  public ImmutableList<String> lines(List<WordVerdict> verdicts) {
    if (verdicts.isEmpty()) {
      return ImmutableList.of("No word of this command line touches DMA or the IOMMU.");
    }
    int widest =
        verdicts.stream().mapToInt(v -> Page.printable(v.qualified()).length()).max().orElse(0);
    int width = Math.min(widest, WORD_LIMIT) + 2;
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    verdicts.forEach(verdict -> add(lines, verdict, width));
    return lines.build();
  }

  private void add(ImmutableList.Builder<String> lines, WordVerdict verdict, int width) {
    String word = Page.printable(verdict.qualified());
    String name = verdict.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    String label = Strings.padEnd(name, VERDICT_WIDTH, ' ');
    String indent = " ".repeat(width + VERDICT_WIDTH);
    String by = verdict.overriddenBy() == null ? "" : "by " + verdict.overriddenBy() + ": ";
    ImmutableList<String> wrapped = Page.wrap(indent, indent, by + verdict.effect());
    String start = palette.heading(word) + " ".repeat(Math.max(0, width - word.length()));
    if (word.length() + 2 > width) {
      lines.add(palette.heading(word));
      start = " ".repeat(width);
    }
    lines.add(start + colour(verdict.verdict(), label) + wrapped.get(0).substring(indent.length()));
    lines.addAll(wrapped.subList(1, wrapped.size()));
    lines.add(" ".repeat(width) + palette.faint(verdict.source()));
  }

  private String colour(Verdict verdict, String text) {
    return switch (verdict) {
      case HONOURED -> palette.added(text);
      case IGNORED, NO_EFFECT_HERE, OVERRIDDEN, DEPRECATED -> palette.warning(text);
      case UNKNOWN, MALFORMED -> palette.removed(text);
    };
  }
}

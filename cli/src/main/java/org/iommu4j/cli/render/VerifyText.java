package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.evidence.answers.Comparison;
import org.iommu4j.evidence.answers.Difference;
import org.iommu4j.evidence.answers.LogEdit;
import org.iommu4j.iommu.BootReport;

/** A comparison of a prediction with a kernel's answers as text. */
public final class VerifyText {
  private static final int CONTEXT_LINES = 2;

  private final Palette palette;

  /** Makes a printer with these colours. */
  public VerifyText(Palette palette) {
    this.palette = palette;
  }

  /** Returns the line for a machine that was predicted as recorded. */
  public ImmutableList<String> exact(BootReport report) {
    String counts =
        String.format(
            "  (%s, %s, %s)",
            Words.count(report.devices().size(), "device"),
            Words.count(report.groups().size(), "group"),
            Words.count(report.log().size(), "log line"));
    String machine = Page.printable(report.machine());
    return ImmutableList.of(palette.added("ok") + "  " + machine + palette.faint(counts));
  }

  /** Returns the lines for a machine that was predicted otherwise than recorded. */
  public ImmutableList<String> differences(BootReport report, Comparison comparison) {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    lines.add(palette.removed("different") + "  " + Page.printable(report.machine()));
    String subject = "";
    for (Difference difference : comparison.differences()) {
      if (!difference.subject().equals(subject)) {
        subject = difference.subject();
        lines.add("  " + palette.heading(subject));
      }
      addDifference(lines, difference);
    }
    return lines.addAll(log(comparison.log())).build();
  }

  private void addDifference(ImmutableList.Builder<String> lines, Difference difference) {
    String label = String.format("    %-10s", difference.what());
    String predicted = "predicted " + difference.predicted();
    String recorded = "recorded " + difference.recorded();
    if (label.length() + predicted.length() + recorded.length() + 2 <= Page.WIDTH) {
      lines.add(label + palette.removed(predicted) + ", " + palette.added(recorded));
      return;
    }
    String indent = " ".repeat(label.length());
    Page.wrap(label, indent, predicted).forEach(line -> lines.add(palette.removed(line)));
    Page.wrap(indent, indent, recorded).forEach(line -> lines.add(palette.added(line)));
  }

  private ImmutableList<String> log(List<LogEdit> edits) {
    if (edits.stream().allMatch(edit -> edit.side() == LogEdit.Side.BOTH)) {
      return ImmutableList.of();
    }
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    lines.add("  " + palette.heading("log") + "  (- predicted, + recorded)");
    boolean skipped = false;
    for (int at = 0; at < edits.size(); at++) {
      if (isNearDifference(edits, at)) {
        if (skipped) {
          lines.add("      ...");
        }
        lines.add(line(edits.get(at)));
        skipped = false;
      } else {
        skipped = true;
      }
    }
    return lines.build();
  }

  private static boolean isNearDifference(List<LogEdit> edits, int at) {
    int from = Math.max(0, at - CONTEXT_LINES);
    int to = Math.min(edits.size(), at + CONTEXT_LINES + 1);
    return edits.subList(from, to).stream().anyMatch(edit -> edit.side() != LogEdit.Side.BOTH);
  }

  private String line(LogEdit edit) {
    return switch (edit.side()) {
      case BOTH -> "      " + Page.printable(edit.text());
      case PREDICTED -> palette.removed("    - " + Page.printable(edit.text()));
      case RECORDED -> palette.added("    + " + Page.printable(edit.text()));
    };
  }

  /** Returns the line that sums up many machines, some of which could not be read. */
  public String summary(int machines, int exact, int bad) {
    String text =
        String.format(
            "%d machines: %d as recorded, %d different", machines, exact, machines - exact - bad);
    String unreadable = bad == 0 ? "" : String.format(", %d not readable", bad);
    return exact == machines ? palette.added(text) : palette.removed(text + unreadable);
  }
}

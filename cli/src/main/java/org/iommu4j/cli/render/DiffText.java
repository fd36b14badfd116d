package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import org.iommu4j.cli.render.ReportDiff.Change;
import org.iommu4j.cli.render.ReportDiff.Reason;
import org.iommu4j.cli.render.ReportDiff.Subject;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.decision.Decision;

/** The difference between two boots as text. */
public final class DiffText {
  private final Palette palette;
  private final PciNames names;

  /** Makes a printer with these colours and names. */
  public DiffText(Palette palette, PciNames names) {
    this.palette = palette;
    this.names = names;
  }

  /** Returns what differs, machine first, and why. */
  public ImmutableList<String> lines(BootReport before, BootReport after) {
    ReportDiff diff = ReportDiff.between(before, after);
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    lines.addAll(side("A", before)).addAll(side("B", after)).add("");
    if (diff.isEmpty()) {
      return lines.add("Nothing changes.").build();
    }
    if (!diff.machine().changes().isEmpty()) {
      lines.add(palette.heading("The machine"));
      addSubject(lines, diff.machine());
    }
    for (Subject subject : diff.devices()) {
      for (DeviceReport device : subject.devices()) {
        ExplainText.title(device, names).forEach(line -> lines.add(palette.heading(line)));
      }
      addSubject(lines, subject);
    }
    lines.add(count(diff));
    return lines.build();
  }

  private static ImmutableList<String> side(String letter, BootReport report) {
    String text = report.commandLine().isEmpty() ? "(empty)" : report.commandLine();
    return Page.wrap(letter + "  ", "   ", text);
  }

  private static String count(ReportDiff diff) {
    int changed = diff.devices().stream().mapToInt(subject -> subject.devices().size()).sum();
    return changed
        + (changed == 1 ? " device changes, " : " devices change, ")
        + diff.sameCount()
        + (diff.sameCount() == 1 ? " stays as it is." : " stay as they are.");
  }

  private void addSubject(ImmutableList.Builder<String> lines, Subject subject) {
    for (Change change : subject.changes()) {
      String before = String.format("  %-9s", change.what());
      String whole = before + change.before() + " -> " + change.after();
      if (whole.length() <= Page.WIDTH) {
        lines.add(
            before + palette.removed(change.before()) + " -> " + palette.added(change.after()));
      } else {
        lines.addAll(Page.wrap(before, "           ", change.before()));
        lines.addAll(Page.wrap("        -> ", "           ", change.after()));
      }
    }
    subject.reasons().forEach(reason -> addReason(lines, reason));
    lines.add("");
  }

  private void addReason(ImmutableList.Builder<String> lines, Reason reason) {
    Decision after = reason.after();
    Decision before = reason.before();
    if (after == null) {
      if (before != null) {
        lines.addAll(Page.wrap("  why  ", "       ", before.rule() + ": not asked any more"));
      }
      return;
    }
    lines.addAll(Page.wrap("  why  ", "       ", after.rule() + ": " + after.outcome()));
    after.because().forEach(fact -> lines.addAll(Page.wrap("       - ", "         ", fact)));
    lines.add("       " + palette.faint(after.source()));
  }
}

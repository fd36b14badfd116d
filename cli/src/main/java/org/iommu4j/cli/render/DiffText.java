package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.util.List;
import java.util.function.UnaryOperator;
import org.iommu4j.cli.render.ReportDiff.Change;
import org.iommu4j.cli.render.ReportDiff.Reason;
import org.iommu4j.cli.render.ReportDiff.Subject;
import org.iommu4j.cli.render.ReportDiff.Value;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.decision.Decision;
import org.jspecify.annotations.Nullable;

/** The difference between two boots as text. */
public final class DiffText {
  private final Palette palette;
  private final PciNames names;
  private final ImmutableList.Builder<String> lines = ImmutableList.builder();

  /** Makes a printer with these colours and names, to be used once. */
  public DiffText(Palette palette, PciNames names) {
    this.palette = palette;
    this.names = names;
  }

  /**
   * Returns what differs, machine first, and why.
   *
   * @param sides as {@link ReportDiff#between} takes them
   */
  public ImmutableList<String> lines(List<BootSide> sides) {
    ReportDiff diff = ReportDiff.between(sides);
    BootSide before = sides.get(0);
    BootSide after = Iterables.getLast(sides);
    boolean kernels = !before.series().equals(after.series());
    side("A", before, kernels);
    side("B", after, kernels);
    lines.add("");
    if (diff.isEmpty()) {
      return lines.add("Nothing changes.").build();
    }
    if (!diff.machine().changes().isEmpty()) {
      lines.add(palette.heading("The machine"));
      addSubject(diff.machine());
    }
    for (Subject subject : diff.devices()) {
      for (DeviceReport device : subject.devices()) {
        ExplainText.title(device, names).forEach(line -> lines.add(palette.heading(line)));
      }
      addSubject(subject);
    }
    addList("Groups", diff.groups());
    addList("The kernel's log", diff.log());
    lines.add(count(diff));
    return lines.build();
  }

  private void side(String letter, BootSide side, boolean kernels) {
    String line = side.report().commandLine();
    String text = line.isEmpty() ? "(empty)" : line;
    String kernel = kernels ? "Linux " + side.series() + ": " : "";
    lines.addAll(Page.wrap(letter + "  ", "   ", kernel + text));
  }

  private static String count(ReportDiff diff) {
    int changed = diff.devices().stream().mapToInt(subject -> subject.devices().size()).sum();
    return changed
        + (changed == 1 ? " device changes, " : " devices change, ")
        + diff.sameCount()
        + (diff.sameCount() == 1 ? " stays as it is." : " stay as they are.");
  }

  private void addSubject(Subject subject) {
    subject.changes().forEach(this::addChange);
    subject.reasons().forEach(this::addReason);
    lines.add("");
  }

  private void addChange(Change change) {
    String label = String.format("  %-9s", change.what());
    StringBuilder plain = new StringBuilder(label);
    StringBuilder coloured = new StringBuilder(label);
    for (int i = 0; i < change.values().size(); i++) {
      String text = said(change.values().get(i));
      plain.append(i == 0 ? "" : " -> ").append(text);
      coloured.append(i == 0 ? "" : " -> ").append(colour(change, i).apply(text));
    }
    if (plain.length() <= Page.WIDTH) {
      lines.add(coloured.toString());
      return;
    }
    for (int i = 0; i < change.values().size(); i++) {
      String start = i == 0 ? label : "        -> ";
      lines.addAll(Page.wrap(start, "           ", said(change.values().get(i))));
    }
  }

  private UnaryOperator<String> colour(Change change, int index) {
    if (index == 0) {
      return palette::removed;
    }
    return index == change.values().size() - 1 ? palette::added : UnaryOperator.identity();
  }

  private static String said(Value value) {
    return value.text() + by(value.by());
  }

  private static String by(@Nullable String release) {
    return release == null ? "" : " (" + release + ")";
  }

  private void addReason(Reason reason) {
    Decision after = reason.after();
    Decision before = reason.before();
    if (after == null) {
      if (before != null) {
        String text = before.rule() + ": not asked any more" + by(reason.by());
        lines.addAll(Page.wrap("  why  ", "       ", text));
      }
      return;
    }
    String text = after.rule() + ": " + after.outcome() + by(reason.by());
    lines.addAll(Page.wrap("  why  ", "       ", text));
    after.because().forEach(fact -> lines.addAll(Page.wrap("       - ", "         ", fact)));
    lines.add("       " + palette.faint(after.source()));
  }

  private void addList(String heading, ListDiff list) {
    if (list.isEmpty()) {
      return;
    }
    lines.add(palette.heading(heading));
    list.gone().forEach(value -> addEntry("  - ", value, palette::removed));
    list.come().forEach(value -> addEntry("  + ", value, palette::added));
    lines.add("");
  }

  private void addEntry(String sign, Value value, UnaryOperator<String> colour) {
    Page.wrap(sign, "    ", said(value)).forEach(line -> lines.add(colour.apply(line)));
  }
}

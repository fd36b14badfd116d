package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.machine.Machine;
import org.iommu4j.vfio.assign.Assignment;
import org.iommu4j.vfio.assign.Finding;

/** Whether a device can be handed out, as text. */
public final class AssignText {
  private final boolean why;
  private final PciNames names;
  private final Palette palette;

  /**
   * Makes a printer.
   *
   * @param why whether each finding is followed by its rules
   */
  public AssignText(boolean why, PciNames names, Palette palette) {
    this.why = why;
    this.names = names;
    this.palette = palette;
  }

  /** Returns the verdict and all findings. */
  public ImmutableList<String> lines(Machine machine, BootReport report, Assignment assignment) {
    DeviceReport device = report.device(assignment.device()).orElseThrow();
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    lines.addAll(Header.lines(report, machine.recordedKernel(), palette)).add("");
    ExplainText.title(device, names).forEach(line -> lines.add(palette.heading(line)));
    lines.add("  " + ExplainText.state(report, device)).add("").add(verdict(assignment));
    add(lines, assignment, Finding.Kind.OBSTACLE, "In the way:", "fix");
    add(lines, assignment, Finding.Kind.STEP, "To do:", "");
    add(lines, assignment, Finding.Kind.WARNING, "Beware:", "fix");
    add(lines, assignment, Finding.Kind.NOTE, "Good to know:", "fix");
    if (!report.missing().isEmpty()) {
      lines.add("").addAll(Header.missing(report, palette));
    }
    return lines.build();
  }

  private String verdict(Assignment assignment) {
    int obstacles = assignment.of(Finding.Kind.OBSTACLE).size();
    if (obstacles > 0) {
      return palette.removed("No")
          + ": "
          + Words.count(obstacles, "thing")
          + (obstacles == 1 ? " stands" : " stand")
          + " in the way of handing it to a guest or to user space.";
    }
    boolean steps = !assignment.of(Finding.Kind.STEP).isEmpty();
    return palette.added("Yes")
        + ": it can be handed to a guest or to user space"
        + (steps ? ", once this is done." : ".");
  }

  private void add(
      ImmutableList.Builder<String> lines,
      Assignment assignment,
      Finding.Kind kind,
      String heading,
      String label) {
    ImmutableList<Finding> findings = assignment.of(kind);
    if (findings.isEmpty()) {
      return;
    }
    lines.add("").add(palette.heading(heading));
    for (Finding finding : findings) {
      lines.addAll(Page.wrap("  - ", "    ", finding.text()));
      String start = label.isEmpty() ? "      " : "    " + label + ": ";
      finding
          .fixes()
          .forEach(fix -> lines.addAll(Page.wrap(start, " ".repeat(start.length()), fix)));
      if (why) {
        finding
            .decisions()
            .forEach(decision -> lines.addAll(DecisionText.lines(decision, "      ", palette)));
      }
    }
  }
}

package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.iommu4j.base.Release;
import org.iommu4j.cli.render.TextTable.Cell;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.machine.pci.PciClassNames;
import org.jspecify.annotations.Nullable;

/** A boot as text: a header, a line a device, and on demand the chains of decisions. */
public final class ExplainText {
  private static final int CLASS_LIMIT = 22;
  private static final int UNLIMITED = Page.WIDTH;

  private final BootReport report;
  private final Release recorded;
  private final Palette palette;

  /**
   * Makes a printer.
   *
   * @param report what was decided
   * @param recorded the release that the facts were read under
   * @param palette the colours
   */
  public ExplainText(BootReport report, Release recorded, Palette palette) {
    this.report = report;
    this.recorded = recorded;
    this.palette = palette;
  }

  /** Returns the header and the table of these devices. */
  public ImmutableList<String> table(List<DeviceReport> devices) {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    lines.addAll(Header.lines(report, recorded, palette)).add("");
    TextTable table =
        new TextTable(Page.WIDTH, UNLIMITED, CLASS_LIMIT, UNLIMITED, UNLIMITED, UNLIMITED);
    table.add(heads("device", "class", "group", "domain", "ops", "why"));
    devices.forEach(device -> table.add(row(device)));
    return lines.addAll(table.lines()).build();
  }

  private Cell[] heads(String... names) {
    Cell[] cells = new Cell[names.length];
    for (int i = 0; i < names.length; i++) {
      cells[i] = new Cell(names[i], palette::heading, names[i].equals("group"));
    }
    return cells;
  }

  private Cell[] row(DeviceReport device) {
    return new Cell[] {
      Cell.of(
          device.address().toString(),
          device.untrusted() ? palette::warning : UnaryOperator.identity()),
      Cell.of(PciClassNames.shortOf(device.classCode())),
      Cell.right(Words.group(device.group())),
      Cell.of(Words.domain(report, device.domainType()), colour(device.domainType())),
      Cell.of(Words.ops(device), colourOfOps(device)),
      Cell.of(device.summary())
    };
  }

  private UnaryOperator<String> colour(@Nullable DomainType type) {
    if (type == null) {
      return palette::faint;
    }
    return type == DomainType.IDENTITY ? palette::direct : palette::translated;
  }

  private UnaryOperator<String> colourOfOps(DeviceReport device) {
    if (device.dmaOps() == null && !device.dmaIommu()) {
      return palette::direct;
    }
    return device.untrusted() ? palette::warning : palette::translated;
  }

  /** Returns the decisions that are not about one device. */
  public ImmutableList<String> machineChain() {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    lines.add(palette.heading("The machine"));
    addDecisions(lines, report.decisions());
    return lines.build();
  }

  /** Returns the decisions about one device, under its name. */
  public ImmutableList<String> deviceChain(DeviceReport device, PciNames names) {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    title(device, names).forEach(line -> lines.add(palette.heading(line)));
    lines.add("  " + state(report, device));
    addDecisions(lines, device.decisions());
    return lines.build();
  }

  private void addDecisions(ImmutableList.Builder<String> lines, List<Decision> decisions) {
    decisions.forEach(decision -> lines.addAll(DecisionText.lines(decision, "  ", palette)));
  }

  /** Returns a device's address, class, name and ids. */
  static ImmutableList<String> title(DeviceReport device, PciNames names) {
    String name = names.name(device.vendorId(), device.deviceId()).map(n -> ": " + n).orElse("");
    String kind = PciClassNames.of(device.classCode());
    return Page.wrap(device.address() + " ", "    ", kind + name + " " + Words.ids(device));
  }

  static String state(BootReport report, DeviceReport device) {
    return "group "
        + Words.group(device.group())
        + ", domain "
        + Words.domain(report, device.domainType())
        + ", ops "
        + Words.ops(device)
        + ", "
        + Words.trust(device.untrusted());
  }

  /** Returns what is not known and what that does; nothing if everything is. */
  public ImmutableList<String> missing() {
    return Header.missing(report, palette);
  }
}

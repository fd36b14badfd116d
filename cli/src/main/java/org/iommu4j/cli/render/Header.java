package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.IommuState;
import org.iommu4j.machine.MissingFact;

/** The lines above a table: what was booted, and what holds for the whole machine. */
final class Header {
  private static final int LABEL_WIDTH = 14;

  private Header() {}

  static ImmutableList<String> lines(BootReport report, Release recorded, Palette palette) {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    add(lines, palette, "machine", report.machine());
    add(lines, palette, "kernel", kernel(report, recorded));
    String commandLine = report.commandLine().isEmpty() ? "(empty)" : report.commandLine();
    add(lines, palette, "command line", commandLine);
    add(lines, palette, "IOMMU", iommu(report));
    add(lines, palette, "swiotlb", swiotlb(report));
    return lines.build();
  }

  /** Returns what is not known and what that does; nothing if everything is. */
  static ImmutableList<String> missing(BootReport report, Palette palette) {
    if (report.missing().isEmpty()) {
      return ImmutableList.of();
    }
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    lines.add(palette.warning("Not known:"));
    for (MissingFact fact : report.missing()) {
      lines.addAll(Page.wrap("  ", "    ", fact.toString()));
    }
    return lines.build();
  }

  private static void add(
      ImmutableList.Builder<String> lines, Palette palette, String label, String text) {
    lines.addAll(Page.labelled(label, LABEL_WIDTH, text, palette));
  }

  static String kernel(BootReport report, Release recorded) {
    String series = report.release().series();
    String mirrored = "decided as Linux " + series + " decides";
    String ran = recorded.text();
    return ran.equals(series) ? mirrored : mirrored + " (the machine ran " + ran + ")";
  }

  static String iommu(BootReport report) {
    IommuState iommu = report.iommu();
    if (!iommu.enabled()) {
      return "off";
    }
    return "on, "
        + (iommu.strict() ? "strict" : "lazy")
        + " unmapping; default domain "
        + Words.domain(report, iommu.defaultDomainType())
        + " ("
        + iommu.defaultDomainSource()
        + ")";
  }

  static String swiotlb(BootReport report) {
    if (report.swiotlb().active()) {
      return Words.size(report.swiotlb().sizeBytes());
    }
    boolean mapUnknown =
        report.missing().stream().anyMatch(fact -> fact.is(MissingFact.MEMORY_MAP));
    return mapUnknown ? "unknown without a memory map" : "none";
  }
}

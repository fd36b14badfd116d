package org.iommu4j.cli.render;

import java.util.function.Function;
import org.iommu4j.iommu.BootReport;

/** What of a machine as a whole is compared. */
enum MachineAspect implements ReportDiff.Aspect<BootSide> {
  IOMMU("IOMMU", Header::iommu),
  SWIOTLB("swiotlb", Header::swiotlb),
  INTERRUPTS("irqs", report -> report.interrupts().remapped() ? "remapped" : "not remapped");

  private final String what;

  @SuppressWarnings("ImmutableEnumChecker") // a function without state
  private final Function<BootReport, String> value;

  MachineAspect(String what, Function<BootReport, String> value) {
    this.what = what;
    this.value = value;
  }

  @Override
  public String what() {
    return what;
  }

  @Override
  public String of(BootSide side) {
    return value.apply(side.report());
  }
}

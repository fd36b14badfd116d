package org.iommu4j.vtd.report;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.iommu4j.iommu.spi.TablePrinter;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DmarTable;

/** Shows a DMAR table. Stateless. */
public final class DmarReports implements TablePrinter {
  private static final Splitter LINES = Splitter.on('\n');

  /** Makes the printer. */
  public DmarReports() {}

  @Override
  public ImmutableList<String> lines(FirmwareTable table, Optional<PciTopology> pci) {
    DmarTable parsed = DmarTable.parse(table);
    String text = DmarPrinter.print(parsed, pci, TopologyChecks.check(parsed, pci));
    return ImmutableList.copyOf(LINES.splitToList(text.stripTrailing()));
  }

  @Override
  public ImmutableMap<String, Object> tree(FirmwareTable table, Optional<PciTopology> pci) {
    DmarTable parsed = DmarTable.parse(table);
    return DmarTree.of(parsed, pci, TopologyChecks.check(parsed, pci));
  }
}

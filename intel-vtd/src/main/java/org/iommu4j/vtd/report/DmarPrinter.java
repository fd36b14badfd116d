package org.iommu4j.vtd.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.iommu4j.machine.pci.PciClassNames;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DmarEntry;
import org.iommu4j.vtd.dmar.DmarHeader;
import org.iommu4j.vtd.dmar.DmarProblem;
import org.iommu4j.vtd.dmar.DmarStructure;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.dmar.ScopeType;
import org.iommu4j.vtd.policy.ScopeNames;

/** Prints a DMAR table for people: its fields, its devices, and what is wrong with it. */
public final class DmarPrinter {
  private final StringBuilder out = new StringBuilder();
  private final Optional<PciTopology> pci;

  private DmarPrinter(Optional<PciTopology> pci) {
    this.pci = pci;
  }

  /**
   * Returns the table as text.
   *
   * @param table the table
   * @param pci the buses on which to look scopes up, if they are known
   * @param findings what is wrong with it, as {@link TopologyChecks#check} finds it
   */
  public static String print(
      DmarTable table, Optional<PciTopology> pci, List<DmarProblem> findings) {
    DmarPrinter printer = new DmarPrinter(pci);
    printer.header(table);
    table.entries().forEach(printer::entry);
    printer.findings(findings);
    return printer.out.toString();
  }

  private void line(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }

  private void header(DmarTable table) {
    DmarHeader header = table.header();
    line("DMAR table, %d bytes, from %s", table.sizeBytes(), table.origin());
    line(
        "  length %d, revision %d, checksum 0x%02x (%s)",
        header.lengthBytes(),
        header.revision(),
        header.checksum(),
        header.checksumGood() ? "good" : "wrong");
    line(
        "  made by \"%s\" \"%s\" revision 0x%x, with \"%s\" revision 0x%x",
        header.oemId().escaped(),
        header.oemTableId().escaped(),
        header.oemRevision(),
        header.creatorId().escaped(),
        header.creatorRevision());
    line("  host addresses have %d bits", header.hostAddressWidth());
    line("  flags 0x%02x%s", header.flags(), flagWords(header));
  }

  static String flagWords(DmarHeader header) {
    return (header.interruptRemapping() ? " INTR_REMAP" : "")
        + (header.x2apicOptOut() ? " X2APIC_OPT_OUT" : "")
        + (header.platformOptIn() ? " DMA_CTRL_PLATFORM_OPT_IN" : "");
  }

  private void entry(DmarEntry entry) {
    DmarStructure structure = entry.structure();
    line("0x%04x %-4s  %s", entry.offset(), structure.title(), summary(structure));
    for (DeviceScope scope : structure.scopes()) {
      String named = named(structure, scope);
      line("        %-21s %s%s%s", scope.typeTitle(), scope.pathText(), id(scope), named);
    }
  }

  private static String id(DeviceScope scope) {
    boolean numbered =
        ScopeType.ofCode(scope.type())
            .filter(type -> type.compareTo(ScopeType.IOAPIC) >= 0)
            .isPresent();
    return numbered || scope.enumerationId() != 0 ? " id " + scope.enumerationId() : "";
  }

  private String named(DmarStructure structure, DeviceScope scope) {
    if (pci.isEmpty() || !TopologyChecks.isPci(scope)) {
      return "";
    }
    return ScopeNames.named(scope, TopologyChecks.segment(structure), pci.get())
        .map(found -> " = " + words(found.device()))
        .orElse(" = nothing on this machine");
  }

  static String words(PciDevice device) {
    return String.format(
        "%s %s [%04x] %04x:%04x",
        device,
        PciClassNames.of(device.classCode()),
        device.subclass(),
        device.vendorId(),
        device.deviceId());
  }

  private static String summary(DmarStructure structure) {
    if (structure instanceof DmarStructure.Drhd drhd) {
      return String.format(
          "unit at 0x%x, segment %d, flags 0x%02x%s",
          drhd.registerBasePhys(),
          drhd.segment(),
          drhd.flags(),
          drhd.includesAll() ? " INCLUDE_PCI_ALL" : "");
    }
    if (structure instanceof DmarStructure.Rmrr rmrr) {
      return String.format(
          "reserved memory [0x%x, 0x%x), segment %d",
          rmrr.firstPhys(), rmrr.lastPhys() + 1, rmrr.segment());
    }
    if (structure instanceof DmarStructure.Atsr atsr) {
      return String.format(
          "root ports with ATS, segment %d, flags 0x%02x%s",
          atsr.segment(), atsr.flags(), atsr.allPorts() ? " ALL_PORTS" : "");
    }
    if (structure instanceof DmarStructure.Rhsa rhsa) {
      return String.format(
          "unit at 0x%x is near proximity domain %d",
          rhsa.registerBasePhys(), rhsa.proximityDomain());
    }
    if (structure instanceof DmarStructure.Andd andd) {
      return String.format("namespace device %d is %s", andd.deviceNumber(), andd.name());
    }
    DmarStructure.Unknown unknown = (DmarStructure.Unknown) structure;
    return String.format("%s, %d bytes", unknown.note(), unknown.body().size());
  }

  private void findings(List<DmarProblem> findings) {
    line("");
    if (findings.isEmpty()) {
      line("Nothing is wrong with it.");
      return;
    }
    line("What is wrong with it:");
    for (DmarProblem problem : findings) {
      line(
          "0x%04x %s %s: %s",
          problem.offset(),
          problem.severity().name().toLowerCase(Locale.ROOT),
          problem.rule(),
          problem.detail());
      line("        Linux 5.10: %s", problem.kernelVerdict());
    }
  }
}

package org.iommu4j.vtd.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DeviceScope.Hop;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarProblem;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rhsa;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.iommu4j.vtd.dmar.DmarStructure.Unknown;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.dmar.Octets;
import org.iommu4j.vtd.dmar.ScopeType;
import org.junit.jupiter.api.Test;

class DmarPrinterTest {
  private static final long BASE = 0xfed90000L;
  private static final PciTopology PCI =
      new TopologyBuilder()
          .add("00:02.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x030000))
          .add("00:1c.0", ConfigSpaces.of(0x8086, 0x3420).bridge(1, 1).pcie(PcieType.ROOT_PORT))
          .add("01:00.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x020000))
          .build();

  private static String print(DmarTable table) {
    Optional<PciTopology> pci = Optional.of(PCI);
    return DmarPrinter.print(table, pci, TopologyChecks.check(table, pci));
  }

  @Test
  void a_good_table_reads_as_its_fields_and_devices() {
    DmarTable table =
        new DmarBuilder()
            .flags(1)
            .add(
                Drhd.of(BASE, DeviceScope.endpoint(0, new Hop(2, 0))),
                Drhd.includeAll(
                    BASE + 0x1000, DeviceScope.of(ScopeType.IOAPIC, 2, 0xf0, new Hop(0x1f, 0))),
                Rmrr.of(0x1000, 0x1fff, DeviceScope.endpoint(0, new Hop(0x1c, 0), new Hop(0, 0))),
                Atsr.of(DeviceScope.bridge(0, new Hop(0x1c, 0))),
                new Rhsa(0, BASE, 1))
            .toTable();
    String checksum = String.format("0x%02x", table.header().checksum());
    assertEquals(
        """
        DMAR table, 166 bytes, from built
          length 166, revision 1, checksum CHECKSUM (good)
          made by "IOMMU4" "IOMMU4J " revision 0x1, with "I4J " revision 0x1
          host addresses have 39 bits
          flags 0x01 INTR_REMAP
        0x0030 DRHD  unit at 0xfed90000, segment 0, flags 0x00
                PCI endpoint          00:02.0 = 0000:00:02.0 VGA controller [0300] 8086:1234
        0x0048 DRHD  unit at 0xfed91000, segment 0, flags 0x01 INCLUDE_PCI_ALL
                IOAPIC                f0:1f.0 id 2
        0x0060 RMRR  reserved memory [0x1000, 0x2000), segment 0
                PCI endpoint          00:1c.0/00.0 = 0000:01:00.0 Ethernet controller [0200] 8086:1234
        0x0082 ATSR  root ports with ATS, segment 0, flags 0x00
                PCI bridge            00:1c.0 = 0000:00:1c.0 PCI bridge [0604] 8086:3420
        0x0092 RHSA  unit at 0xfed90000 is near proximity domain 1

        Nothing is wrong with it.
        """
            .replace("CHECKSUM", checksum),
        print(table));
  }

  @Test
  void what_is_wrong_comes_with_offset_rule_and_verdict() {
    String text = print(DmarBuilder.tableOf(Drhd.includeAll(0)));
    assertTrue(
        text.endsWith(
            """
            What is wrong with it:
            0x0038 error unit-at-zero: the unit's registers are at address 0
                    Linux 5.10: DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address 0!; no VT-d
            """),
        text);
  }

  @Test
  void scopes_are_checked_against_the_machine() {
    DmarTable table =
        DmarBuilder.tableOf(
            Drhd.of(
                BASE,
                DeviceScope.endpoint(0, new Hop(9, 0)),
                DeviceScope.endpoint(1, new Hop(0, 0)),
                DeviceScope.bridge(0, new Hop(2, 0))));
    List<DmarProblem> problems = TopologyChecks.check(table, Optional.of(PCI));
    assertEquals(
        List.of("scope-names-nothing", "scope-by-secondary-bus", "scope-type-mismatch"),
        problems.stream().map(DmarProblem::rule).toList());
    assertEquals(List.of(64, 72, 80), problems.stream().map(DmarProblem::offset).toList());
    assertEquals(List.of(), TopologyChecks.check(table, Optional.empty()));
  }

  @Test
  void structures_without_scopes_have_their_words() {
    String text =
        print(
            DmarBuilder.tableOf(
                Drhd.includeAll(BASE),
                Andd.of(1, "\\_SB.I2C0"),
                new Unknown(5, Octets.zeros(4), "")));
    assertTrue(text.contains("ANDD  namespace device 1 is \\_SB.I2C0"), text);
    assertTrue(text.contains("SATC  SoC integrated address translation cache"), text);
  }

  @Test
  void the_tree_has_addresses_as_text() {
    DmarTable table = DmarBuilder.tableOf(Drhd.includeAll(BASE));
    Map<String, Object> tree = DmarTree.of(table, Optional.empty(), List.of());
    assertEquals(
        List.of("origin", "bytes", "header", "structures", "findings"), List.copyOf(tree.keySet()));
    assertTrue(tree.toString().contains("base=0xfed90000"), tree::toString);
  }
}

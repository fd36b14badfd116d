package org.iommu4j.vtd.policy;

import static org.iommu4j.machine.pci.TopologyBuilder.at;
import static org.iommu4j.vtd.policy.TestFacts.BASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DeviceScope.Hop;
import org.iommu4j.vtd.dmar.DmarStructure;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.junit.jupiter.api.Test;

class UnitLookupTest {
  private static final PciTopology PCI =
      new TopologyBuilder()
          .add(
              "00:00.0",
              ConfigSpaces.of(0x8086, 0x3c00).classCode(0x060000).dword(0xb0, (int) 0xfed90000L))
          .add("00:02.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x030000))
          .add("00:04.0", ConfigSpaces.of(0x8086, 0x402f).classCode(0x088000))
          .add("00:1c.0", ConfigSpaces.of(0x8086, 0x3420).bridge(1, 3).pcie(PcieType.ROOT_PORT))
          .add("00:1d.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x0c0320))
          .add("00:1f.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x060100))
          .add(
              "01:00.0",
              ConfigSpaces.of(0x8086, 0x3420).bridge(2, 3).pcie(PcieType.PCIE_TO_PCI_BRIDGE))
          .add("01:00.1", ConfigSpaces.of(0x8086, 0x1234).classCode(0x020000))
          .add("02:04.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x020000))
          .add("0001:02:04.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x020000))
          .add("10000:00:01.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x010802))
          .build();
  private static final Hop GRAPHICS = new Hop(2, 0);
  private static final Hop PORT = new Hop(0x1c, 0);
  private static final Hop USB = new Hop(0x1d, 0);
  private static final String MSI = "0x00000000fee00000 0x00000000feefffff msi";

  private static UnitLookup lookup(DmarStructure... structures) {
    ResolvedScopes scopes = ScopeResolution.resolve(TestFacts.parse(structures), PCI);
    return UnitLookup.of(scopes, device -> device);
  }

  private static String unitOf(UnitLookup lookup, String address) {
    return lookup
        .unitOf(at(PCI, address))
        .map(
            found -> String.format("%s %02x:%02x", found.unit().name(), found.bus(), found.devfn()))
        .orElse("none");
  }

  private static List<String> regions(UnitLookup lookup, String address) {
    return lookup.reservedRegions(at(PCI, address), true).stream()
        .map(ReservedRegion::toSysfsLine)
        .toList();
  }

  @Test
  void a_named_device_goes_to_its_unit_and_the_rest_to_the_one_for_all() {
    UnitLookup lookup =
        lookup(Drhd.of(BASE, DeviceScope.endpoint(0, GRAPHICS)), Drhd.includeAll(BASE + 0x1000));
    assertEquals("dmar0 00:10", unitOf(lookup, "00:02.0"));
    assertEquals("dmar1 01:01", unitOf(lookup, "01:00.1"));
    assertEquals("none", unitOf(lookup, "0001:02:04.0"));
  }

  @Test
  void what_is_behind_a_named_bridge_goes_with_it() {
    UnitLookup lookup = lookup(Drhd.of(BASE, DeviceScope.bridge(0, PORT)));
    assertEquals("dmar0 00:e0", unitOf(lookup, "00:1c.0"));
    assertEquals("dmar0 02:20", unitOf(lookup, "02:04.0"));
    assertEquals("none", unitOf(lookup, "00:02.0"));
  }

  @Test
  void bus_numbers_behind_a_bridge_are_compared_without_the_domain() {
    assertTrue(UnitLookup.isDownstream(at(PCI, "0001:02:04.0"), at(PCI, "00:1c.0")));
  }

  @Test
  void an_ignored_unit_translates_for_nobody_and_no_other_does_instead() {
    UnitLookup lookup =
        lookup(Drhd.of(BASE, DeviceScope.endpoint(0, GRAPHICS)), Drhd.includeAll(BASE + 0x1000));
    RemappingUnit graphics = lookup.matchedUnit(at(PCI, "00:02.0")).orElseThrow();
    UnitLookup without = lookup.ignoring(Set.of(graphics));
    assertEquals("none", unitOf(without, "00:02.0"));
    assertEquals("dmar1 01:01", unitOf(without, "01:00.1"));
    assertEquals(Optional.of(graphics), without.matchedUnit(at(PCI, "00:02.0")));
  }

  @Test
  void a_real_dma_device_stands_in_for_a_function_of_a_software_domain() {
    ResolvedScopes scopes = ScopeResolution.resolve(TestFacts.parse(Drhd.includeAll(BASE)), PCI);
    PciDevice child = at(PCI, "10000:00:01.0");
    assertTrue(UnitLookup.of(scopes, device -> device).unitOf(child).isEmpty());
    UnitLookup lookup =
        UnitLookup.of(scopes, device -> device.equals(child) ? at(PCI, "00:1f.0") : device);
    assertEquals(0xf8, lookup.unitOf(child).orElseThrow().devfn());
  }

  @Test
  void a_quickdata_engine_under_the_wrong_unit_is_not_translated() {
    assertEquals("none", unitOf(lookup(Drhd.includeAll(BASE)), "00:04.0"));
    ParseResult parse =
        TableParse.parse(
            new TestFacts()
                .unit(BASE + 0xa000, TestFacts.CAP, TestFacts.ECAP)
                .with(Drhd.includeAll(BASE + 0xa000)),
            ParseOptions.DEFAULT);
    UnitLookup right = UnitLookup.of(ScopeResolution.resolve(parse, PCI), device -> device);
    assertEquals("dmar0 00:20", unitOf(right, "00:04.0"));
  }

  @Test
  void a_matched_unit_is_found_through_bridges_by_their_place_and_not_by_numbers() {
    UnitLookup lookup = lookup(Drhd.of(BASE, DeviceScope.bridge(0, PORT)));
    assertTrue(lookup.matchedUnit(at(PCI, "02:04.0")).isPresent());
    assertTrue(lookup.matchedUnit(at(PCI, "0001:02:04.0")).isEmpty());
  }

  @Test
  void integrated_devices_may_cache_translations_and_others_by_their_root_port() {
    UnitLookup none = lookup(Drhd.includeAll(BASE));
    assertTrue(none.mayCacheTranslations(at(PCI, "00:02.0")));
    assertFalse(none.mayCacheTranslations(at(PCI, "01:00.1")));
    UnitLookup named = lookup(Drhd.includeAll(BASE), Atsr.of(DeviceScope.bridge(0, PORT)));
    assertTrue(named.mayCacheTranslations(at(PCI, "01:00.1")));
    assertFalse(named.mayCacheTranslations(at(PCI, "02:04.0")));
    UnitLookup all = lookup(Drhd.includeAll(BASE), new Atsr(1, 0, 0, ImmutableList.of()));
    assertTrue(all.mayCacheTranslations(at(PCI, "01:00.1")));
    UnitLookup other = lookup(Drhd.includeAll(BASE), new Atsr(1, 0, 1, ImmutableList.of()));
    assertFalse(other.mayCacheTranslations(at(PCI, "01:00.1")));
  }

  @Test
  void reserved_memory_of_usb_and_graphics_is_relaxable_and_locks_nothing() {
    UnitLookup lookup =
        lookup(
            Drhd.includeAll(BASE),
            Rmrr.of(0x3fe00000, 0x3fe00fff, DeviceScope.endpoint(0, USB)),
            Rmrr.of(
                0x3fe01000, 0x3fe01fff, DeviceScope.endpoint(0, USB), DeviceScope.bridge(0, PORT)));
    assertEquals(
        List.of(
            "0x000000003fe01000 0x000000003fe01fff direct-relaxable",
            "0x000000003fe00000 0x000000003fe00fff direct-relaxable",
            MSI),
        regions(lookup, "00:1d.0"));
    assertTrue(lookup.hasRmrr(at(PCI, "00:1d.0")));
    assertFalse(lookup.isRmrrLocked(at(PCI, "00:1d.0")));
    assertEquals(
        List.of("0x000000003fe01000 0x000000003fe01fff direct", MSI), regions(lookup, "02:04.0"));
    assertTrue(lookup.isRmrrLocked(at(PCI, "02:04.0")));
  }

  @Test
  void two_scopes_that_reach_a_device_give_the_range_twice() {
    UnitLookup lookup =
        lookup(
            Drhd.includeAll(BASE),
            Rmrr.of(
                0x3fe00000,
                0x3fe00fff,
                DeviceScope.bridge(0, PORT),
                DeviceScope.endpoint(0, PORT, new Hop(0, 1))));
    assertEquals(3, regions(lookup, "01:00.1").size());
  }

  @Test
  void an_isa_bridge_has_the_floppys_range_if_the_kernel_cares() {
    UnitLookup lookup = lookup(Drhd.includeAll(BASE));
    assertEquals(
        List.of("0x0000000000000000 0x0000000000ffffff direct-relaxable", MSI),
        regions(lookup, "00:1f.0"));
    assertEquals(1, lookup.reservedRegions(at(PCI, "00:1f.0"), false).size());
  }
}

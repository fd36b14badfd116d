package org.iommu4j.vtd.policy;

import static org.iommu4j.machine.pci.TopologyBuilder.at;
import static org.iommu4j.vtd.policy.TestFacts.BASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DeviceScope.Hop;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.junit.jupiter.api.Test;

class ScopeResolutionTest {
  private static final PciTopology PCI =
      new TopologyBuilder()
          .add("00:00.0", ConfigSpaces.of(0x8086, 0x3c00).classCode(0x060000).dword(0xb0, 0))
          .add("00:02.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x030000))
          .add("00:1c.0", ConfigSpaces.of(0x8086, 0x3420).bridge(1, 1).pcie(PcieType.ROOT_PORT))
          .add("00:1f.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x068000))
          .add("01:00.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x020000))
          .add("0001:00:02.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x020000))
          .add("10000:00:02.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x020000))
          .build();
  private static final Hop GRAPHICS = new Hop(2, 0);
  private static final Hop PORT = new Hop(0x1c, 0);
  private static final Hop FIRST = new Hop(0, 0);

  private static ResolvedScopes resolve(DmarStructure... structures) {
    return ScopeResolution.resolve(TestFacts.parse(structures), PCI);
  }

  private static ResolvedScopes resolve(DmarBuilder builder) {
    return ScopeResolution.resolve(TestFacts.parse(builder), PCI);
  }

  private static List<String> first(ResolvedScopes scopes) {
    return scopes.devices(scopes.parse().units().get(0)).stream().map(Object::toString).toList();
  }

  @Test
  void slots_are_filled_in_the_order_of_the_buses_and_not_of_the_scopes() {
    ResolvedScopes scopes =
        resolve(
            Drhd.of(
                BASE,
                DeviceScope.endpoint(0, PORT, FIRST),
                DeviceScope.bridge(0, PORT),
                DeviceScope.endpoint(0, GRAPHICS)));
    assertTrue(scopes.ok());
    assertEquals(List.of("0000:00:02.0", "0000:00:1c.0", "0000:01:00.0"), first(scopes));
    assertEquals(List.of(), scopes.log());
  }

  @Test
  void the_first_unit_of_the_list_takes_a_device_and_the_later_one_goes_without() {
    DeviceScope graphics = DeviceScope.endpoint(0, GRAPHICS);
    ResolvedScopes scopes = resolve(Drhd.of(BASE, graphics), Drhd.of(BASE + 0x1000, graphics));
    assertEquals(List.of("0000:00:02.0"), first(scopes));
    assertEquals(1, scopes.parse().units().get(0).sequenceId());
    assertEquals(List.of(), scopes.devices(scopes.parse().units().get(1)));
  }

  @Test
  void a_unit_for_all_devices_takes_none_by_its_scopes() {
    assertEquals(
        List.of(), first(resolve(Drhd.includeAll(BASE, DeviceScope.endpoint(0, GRAPHICS)))));
  }

  @Test
  void a_scope_by_secondary_bus_is_worked_around_with_a_line() {
    ResolvedScopes scopes = resolve(Drhd.of(BASE, DeviceScope.endpoint(1, FIRST)));
    assertEquals(List.of("0000:01:00.0"), first(scopes));
    assertEquals(
        List.of(
            "DMAR: [Firmware Bug]: RMRR entry for device 01:00.0 is broken - applying workaround"),
        scopes.log());
  }

  @Test
  void a_scope_by_secondary_bus_with_two_hops_names_nothing() {
    assertEquals(List.of(), first(resolve(Drhd.of(BASE, DeviceScope.endpoint(1, FIRST, FIRST)))));
  }

  @Test
  void a_bridge_named_as_an_endpoint_sticks_as_an_error_but_the_rest_goes_on() {
    ResolvedScopes scopes =
        resolve(
            Drhd.of(
                BASE,
                DeviceScope.endpoint(0, PORT),
                DeviceScope.endpoint(0, PORT, FIRST),
                DeviceScope.endpoint(0, GRAPHICS)));
    assertEquals(Errno.EINVAL, scopes.status());
    assertEquals(List.of("DMAR: Device scope type does not match for 0000:00:1c.0"), scopes.log());
    assertEquals(List.of("0000:00:02.0", "0000:01:00.0"), first(scopes));
  }

  @Test
  void an_endpoint_named_as_a_bridge_is_an_error_unless_its_class_is_bridge() {
    assertEquals(Errno.EINVAL, resolve(Drhd.of(BASE, DeviceScope.bridge(0, GRAPHICS))).status());
    assertEquals(0, resolve(Drhd.of(BASE, DeviceScope.bridge(0, new Hop(0x1f, 0)))).status());
  }

  @Test
  void a_mismatch_in_a_unit_keeps_the_device_from_its_reserved_memory() {
    ResolvedScopes scopes =
        resolve(
            Drhd.of(BASE, DeviceScope.bridge(0, GRAPHICS)),
            Rmrr.of(0x3fe00000, 0x3fe00fff, DeviceScope.endpoint(0, GRAPHICS)));
    assertEquals(List.of(), scopes.devices(scopes.parse().rmrrs().get(0)));
  }

  @Test
  void each_reserved_range_takes_a_device_but_only_one_root_port_set_does() {
    DeviceScope port = DeviceScope.bridge(0, PORT);
    DeviceScope graphics = DeviceScope.endpoint(0, GRAPHICS);
    ResolvedScopes scopes =
        resolve(
            Drhd.includeAll(BASE),
            Rmrr.of(0x3fe00000, 0x3fe00fff, graphics),
            Rmrr.of(0x3fe01000, 0x3fe01fff, graphics),
            Atsr.of(port),
            Atsr.of(port, graphics));
    for (RmrrUnit rmrr : scopes.parse().rmrrs()) {
      assertEquals(List.of(at(PCI, "00:02.0")), scopes.devices(rmrr));
    }
    List<AtsrUnit> sets = scopes.parse().atsrs();
    assertEquals(List.of(at(PCI, "00:02.0"), at(PCI, "00:1c.0")), scopes.ports(sets.get(0)));
    assertEquals(List.of(), scopes.ports(sets.get(1)));
  }

  @Test
  void a_segment_keeps_to_itself_and_domains_beyond_a_table_are_never_matched() {
    DeviceScope graphics = DeviceScope.endpoint(0, GRAPHICS);
    ResolvedScopes scopes = resolve(new Drhd(0, 0, 1, BASE, ImmutableList.of(graphics)));
    assertEquals(List.of("0001:00:02.0"), first(scopes));
    assertEquals(List.of(), first(resolve(new Drhd(0, 0, 2, BASE, ImmutableList.of(graphics)))));
  }

  @Test
  void without_units_the_status_is_enodev() {
    assertEquals(Errno.ENODEV, resolve(new DmarBuilder()).status());
  }

  @Test
  void a_structure_of_length_0_after_a_unit_hangs_the_search_for_names() {
    ResolvedScopes scopes =
        resolve(new DmarBuilder().add(Drhd.includeAll(BASE)).addRaw(1, 0, 0, 0));
    assertTrue(scopes.parse().ok());
    assertEquals(CallOutcome.LOOPS_FOREVER, scopes.outcome());
  }

  @Test
  void a_scope_cut_by_its_structure_hangs_the_first_device_that_it_does_not_match() {
    // The length of the last scope lies past the structure: in the table it is the next type, 3;
    // in the kernel's copy of the structure it is 0.
    DmarBuilder builder =
        new DmarBuilder()
            .addRaw(0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0xd9, 0xfe, 0, 0, 0, 0, 1)
            .addRaw(3, 0, 4, 0);
    ParseResult parse = TestFacts.parse(builder);
    assertTrue(parse.ok(), parse::toString);
    assertEquals(CallOutcome.LOOPS_FOREVER, ScopeResolution.resolve(parse, PCI).outcome());
  }

  @Test
  void a_scope_that_is_too_short_makes_the_next_one_start_inside_it() {
    DmarBuilder builder =
        new DmarBuilder()
            .addRaw(1, 0, 35, 0, 0, 0, 0, 0)
            .addRaw(0, 0, 0xe0, 0x3f, 0, 0, 0, 0, 0xff, 0x0f, 0xe0, 0x3f, 0, 0, 0, 0)
            .addRaw(1, 3, 0)
            .addRaw(1, 8, 0, 0, 0, 0, 2, 0)
            .add(Drhd.includeAll(BASE));
    ResolvedScopes scopes = resolve(builder);
    assertEquals(List.of(at(PCI, "00:02.0")), scopes.devices(scopes.parse().rmrrs().get(0)));
  }

  @Test
  void names_of_the_acpi_namespace_stay_unresolved_and_that_is_said() {
    ResolvedScopes scopes = resolve(Drhd.includeAll(BASE), Andd.of(1, "\\_SB.I2C0"));
    assertEquals(List.of(), scopes.log());
    assertEquals("the ACPI namespace", scopes.missing().get(0).fact());
  }

  @Test
  void a_single_scope_can_be_asked_for_its_device() {
    assertEquals(
        new ScopeNames.Named(at(PCI, "01:00.0"), true, false),
        ScopeNames.named(DeviceScope.endpoint(0, PORT, FIRST), 0, PCI).orElseThrow());
    assertEquals(
        new ScopeNames.Named(at(PCI, "01:00.0"), true, true),
        ScopeNames.named(DeviceScope.endpoint(1, FIRST), 0, PCI).orElseThrow());
    assertEquals(
        new ScopeNames.Named(at(PCI, "00:1c.0"), false, false),
        ScopeNames.named(DeviceScope.endpoint(0, PORT), 0, PCI).orElseThrow());
    assertTrue(ScopeNames.named(DeviceScope.endpoint(0, new Hop(9, 0)), 0, PCI).isEmpty());
  }
}

package org.iommu4j.vtd.policy;

import static org.iommu4j.vtd.policy.TestFacts.BASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DeviceScope.Hop;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rhsa;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.iommu4j.vtd.dmar.DmarStructure.Unknown;
import org.iommu4j.vtd.dmar.Octets;
import org.junit.jupiter.api.Test;

class TableParseRegionsTest {
  private static final String WIDTH = "DMAR: Host address width 39";
  private static final String ALL = "DMAR: DRHD base: 0x000000fed90000 flags: 0x1";
  private static final String DMAR0 =
      "DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap d2008c22260206 ecap f00f4a";
  private static final String FAILURE = "DMAR: Parse DMAR table failure.";
  private static final DeviceScope DEVICE = DeviceScope.endpoint(0, new Hop(5, 0));

  private static List<String> afterUnit(DmarStructure structure) {
    ParseResult result = TestFacts.parse(Drhd.includeAll(BASE), structure);
    assertEquals(List.of(WIDTH, ALL, DMAR0), result.log().subList(0, 3));
    return result.log().subList(3, result.log().size());
  }

  @Test
  void reserved_memory_is_listed_backwards() {
    ParseResult result =
        TestFacts.parse(
            Drhd.includeAll(BASE),
            Rmrr.of(0x3fe00000, 0x3fe00fff, DEVICE),
            Rmrr.of(0x3fe01000, 0x3fe01fff, DEVICE));
    assertEquals(
        List.of(0x3fe01000L, 0x3fe00000L),
        result.rmrrs().stream().map(RmrrUnit::firstPhys).toList());
    assertEquals("DMAR: RMRR base: 0x0000003fe00000 end: 0x0000003fe00fff", result.log().get(3));
  }

  @Test
  void reserved_memory_that_firmware_calls_usable_is_bad_and_used() {
    assertEquals(
        List.of(
            "DMAR: RMRR base: 0x0000003fd00000 end: 0x0000003fd1ffff",
            "DMAR: [Firmware Bug]: No firmware reserved region can cover this RMRR"
                + " [0x000000003fd00000-0x000000003fd1ffff], contact BIOS vendor for fixes",
            "DMAR: [Firmware Bug]: Your BIOS is broken; bad RMRR"
                + " [0x000000003fd00000-0x000000003fd1ffff]"),
        afterUnit(Rmrr.of(0x3fd00000, 0x3fd1ffff, DEVICE)));
  }

  @Test
  void reserved_memory_may_start_in_usable_memory_if_it_ends_in_reserved() {
    assertEquals(1, afterUnit(Rmrr.of(0x3fd00000, 0x3fe1ffff, DEVICE)).size());
  }

  @Test
  void reserved_memory_in_a_hole_is_bad() {
    assertEquals(3, afterUnit(Rmrr.of(0x80000000L, 0x80000fffL, DEVICE)).size());
  }

  @Test
  void reserved_memory_of_wrong_form_is_bad_without_a_look_at_the_map() {
    assertEquals(2, afterUnit(Rmrr.of(0x10, 0x3fd1ffff, DEVICE)).size());
    assertEquals(2, afterUnit(Rmrr.of(0x3fe00000, 0x3fe00800, DEVICE)).size());
    assertEquals(2, afterUnit(Rmrr.of(0x3fe02000, 0x3fe00fff, DEVICE)).size());
    assertEquals(2, afterUnit(Rmrr.of(0, 0, DEVICE)).size());
  }

  @Test
  void reserved_memory_is_taken_as_good_where_no_map_is_known() {
    TableFacts facts =
        new TestFacts()
            .memory(MemoryMap.of(ImmutableList.of(new AddressRange(0, 0, "Reserved"))))
            .with(Drhd.includeAll(BASE), Rmrr.of(0x3fd00000, 0x3fd1ffff, DEVICE));
    ParseResult result = TableParse.parse(facts, ParseOptions.DEFAULT);
    assertFalse(result.rmrrs().get(0).bad());
    assertEquals("proc/iomem", result.missing().get(0).fact());
  }

  @Test
  void equal_root_port_sets_count_once_and_others_are_listed_backwards() {
    DeviceScope port = DeviceScope.bridge(0, new Hop(1, 0));
    ParseResult result =
        TestFacts.parse(
            Drhd.includeAll(BASE),
            Atsr.of(port),
            Atsr.of(port),
            new Atsr(1, 0, 0, ImmutableList.of()));
    assertEquals(List.of(true, false), result.atsrs().stream().map(AtsrUnit::includeAll).toList());
    assertEquals("DMAR: ATSR flags: 0x1", result.log().get(5));
  }

  @Test
  void affinity_needs_its_unit_before_it() {
    assertEquals(
        List.of("DMAR: RHSA base: 0x000000fed90000 proximity domain: 0x1"),
        afterUnit(new Rhsa(0, BASE, 1)));
    assertEquals(
        List.of(
            "DMAR: RHSA base: 0x000000fed91000 proximity domain: 0x0",
            "DMAR: [Firmware Bug]: Your BIOS is broken; RHSA refers to non-existent DMAR unit at"
                + " fed91000"),
        afterUnit(new Rhsa(0, BASE + 0x1000, 0)));
  }

  @Test
  void a_kernel_without_numa_does_not_check_affinity() {
    TableFacts facts = new TestFacts().with(Drhd.includeAll(BASE), new Rhsa(0, 0, 0));
    ParseOptions plain = new ParseOptions(false, false, false, ImmutableSet.of());
    assertEquals(4, TableParse.parse(facts, plain).log().size());
  }

  @Test
  void a_name_is_printed_up_to_its_zero() {
    assertEquals(
        List.of("DMAR: ANDD device: b name: \\_SB.PCI0.UA02"),
        afterUnit(Andd.of(0xb, "\\_SB.PCI0.UA02")));
  }

  @Test
  void a_name_without_a_zero_fails_the_table() {
    assertEquals(
        List.of(
            "DMAR: [Firmware Bug]: Your BIOS is broken; ANDD object name is not NUL-terminated",
            FAILURE),
        afterUnit(new Andd(0, 1, Octets.padded("ABC", 3))));
    assertEquals(2, afterUnit(new Andd(0, 1, Octets.EMPTY)).size());
  }

  @Test
  void unknown_scope_types_are_warned_of_once_each() {
    DeviceScope odd = new DeviceScope(6, 0, 0, 0, 0, ImmutableList.of());
    List<String> lines = afterUnit(Rmrr.of(0x3fe00000, 0x3fe00fff, odd, DEVICE, odd));
    assertEquals("DMAR: Unsupported device scope", lines.get(1));
    assertEquals("DMAR: Unsupported device scope", lines.get(2));
  }

  @Test
  void a_scope_of_length_0_hangs_the_boot() {
    ParseResult result =
        TestFacts.parse(new DmarBuilder().addRaw(2, 0, 14, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0));
    assertEquals(CallOutcome.LOOPS_FOREVER, result.outcome());
    assertFalse(result.ok());
  }

  @Test
  void a_scope_of_length_0_for_all_ports_is_not_looked_at() {
    ParseResult result =
        TestFacts.parse(
            new DmarBuilder()
                .add(Drhd.includeAll(BASE))
                .addRaw(2, 0, 14, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0));
    assertTrue(result.ok());
  }

  @Test
  void unknown_types_are_stepped_over_without_a_word() {
    assertEquals(List.of(), afterUnit(new Unknown(5, Octets.zeros(9), "")));
    assertEquals(List.of(), afterUnit(new Unknown(0xffff, Octets.EMPTY, "")));
  }
}

package org.iommu4j.vtd.dmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.vtd.dmar.DeviceScope.Hop;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rhsa;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.iommu4j.vtd.dmar.DmarStructure.Unknown;
import org.junit.jupiter.api.Test;

class DmarTableTest {
  private static final long BASE = 0xfed90000L;
  private static final DeviceScope DEVICE = DeviceScope.endpoint(0, new Hop(5, 0));

  private static List<String> rules(DmarBuilder builder) {
    return DmarChecks.check(builder.toTable()).stream().map(DmarProblem::rule).toList();
  }

  private static DmarBuilder builder(DmarStructure... structures) {
    return new DmarBuilder().add(structures);
  }

  @Test
  void a_table_of_one_unit_has_64_bytes() {
    DmarTable table = DmarBuilder.tableOf(Drhd.includeAll(BASE));
    assertEquals(64, table.sizeBytes());
    assertEquals(new DmarEntry(48, 16, Drhd.includeAll(BASE)), table.entries().get(0));
    assertEquals(39, table.header().hostAddressWidth());
    assertEquals(List.of(), DmarChecks.check(table));
  }

  @Test
  void flags_of_the_header_have_names() {
    DmarHeader header = new DmarBuilder().flags(5).add(Drhd.includeAll(BASE)).toTable().header();
    assertTrue(header.interruptRemapping());
    assertFalse(header.x2apicOptOut());
    assertTrue(header.platformOptIn());
  }

  @Test
  void fewer_than_36_bytes_are_no_table() {
    byte[] bytes = Arrays.copyOf(builder().build(), 35);
    BadInputException e =
        assertThrows(BadInputException.class, () -> DmarTable.parse(bytes, "short.bin"));
    assertEquals("short.bin", e.file());
    assertEquals("offset 0x23", e.place());
  }

  @Test
  void another_signature_is_no_table() {
    byte[] bytes = builder().build();
    bytes[0] = 'X';
    BadInputException e =
        assertThrows(BadInputException.class, () -> DmarTable.parse(bytes, "x.bin"));
    assertTrue(e.toString().contains("here is \"XMAR\""), e::toString);
  }

  @Test
  void more_than_a_mebibyte_is_no_table() {
    byte[] bytes = Arrays.copyOf(builder().build(), DmarTable.MAX_BYTES + 1);
    assertThrows(BadInputException.class, () -> DmarTable.parse(bytes, "big.bin"));
  }

  @Test
  void names_that_are_no_text_are_escaped() {
    DmarHeader header = new DmarBuilder().oem("A\u00ffB", "T", 1).toTable().header();
    assertEquals("A\\xffB   ", header.oemId().escaped());
  }

  @Test
  void a_wrong_checksum_is_a_warning_with_the_right_one() {
    DmarTable table = builder(Drhd.includeAll(BASE)).checksumField(0).toTable();
    assertFalse(table.header().checksumGood());
    DmarProblem problem = DmarChecks.check(table).get(0);
    assertEquals("bad-checksum", problem.rule());
    int right = DmarBuilder.tableOf(Drhd.includeAll(BASE)).header().checksum();
    assertTrue(problem.detail().contains(String.format("0x%02x would", right)), problem.detail());
  }

  @Test
  void the_length_field_may_be_too_short_too_long_or_short_of_the_file() {
    assertTrue(rules(builder(Drhd.includeAll(BASE)).lengthField(40)).contains("table-too-short"));
    assertTrue(rules(builder(Drhd.includeAll(BASE)).lengthField(0)).contains("table-too-short"));
    assertEquals(
        List.of("table-truncated"), rules(builder(Drhd.includeAll(BASE)).lengthField(0xffffffffL)));
    assertEquals(
        List.of("bytes-behind-table"),
        rules(builder(Drhd.includeAll(BASE)).addRaw(1, 2, 3).lengthField(64)));
  }

  @Test
  void a_structure_of_length_0_ends_the_reading() {
    DmarTable table =
        builder(Drhd.includeAll(BASE)).addRaw(1, 0, 0, 0).add(Drhd.of(BASE + 4096)).toTable();
    assertEquals(1, table.entries().size());
    assertEquals("structure-zero-length", table.problems().get(0).rule());
    assertEquals(64, table.problems().get(0).offset());
  }

  @Test
  void bytes_left_over_after_the_last_structure_are_one_of_length_0() {
    DmarTable table = builder(Drhd.includeAll(BASE)).addRaw(0, 0).toTable();
    assertEquals("structure-zero-length", table.problems().get(0).rule());
    assertTrue(table.problems().get(0).detail().startsWith("2 bytes are left over"));
  }

  @Test
  void a_structure_past_the_end_ends_the_reading() {
    DmarTable table = builder(Drhd.includeAll(BASE)).addRaw(0, 0, 200, 0).toTable();
    assertEquals(1, table.entries().size());
    assertEquals("structure-past-end", table.problems().get(0).rule());
  }

  @Test
  void a_structure_shorter_than_its_fields_keeps_its_bytes() {
    DmarTable table = builder().addRaw(0, 0, 8, 0, 1, 0, 0, 0).toTable();
    Unknown unknown = (Unknown) table.structures().get(0);
    assertEquals("DRHD", unknown.title());
    assertEquals(Octets.of((byte) 1, (byte) 0, (byte) 0, (byte) 0), unknown.body());
    assertEquals("structure-too-short", table.problems().get(0).rule());
  }

  @Test
  void structures_of_later_revisions_are_kept_and_noted() {
    DmarTable table =
        DmarBuilder.tableOf(
            Drhd.includeAll(BASE),
            new Unknown(5, Octets.zeros(4), ""),
            new Unknown(6, Octets.EMPTY, ""));
    assertEquals("SATC", table.structures().get(1).title());
    assertEquals("SIDP", table.structures().get(2).title());
    assertEquals(
        List.of("structure-unknown", "structure-unknown"),
        DmarChecks.check(table).stream().map(DmarProblem::rule).toList());
  }

  @Test
  void a_scope_of_length_0_ends_the_scopes_of_its_structure() {
    DmarTable table = builder().addRaw(2, 0, 14, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0).toTable();
    assertEquals(Atsr.of(), table.structures().get(0));
    assertEquals("scope-zero-length", table.problems().get(0).rule());
    assertEquals(56, table.problems().get(0).offset());
  }

  @Test
  void a_scope_of_less_than_6_bytes_is_stepped_over() {
    DmarTable table =
        builder().addRaw(2, 0, 19, 0, 0, 0, 0, 0, 1, 3, 0, 1, 8, 0, 0, 0, 0, 5, 0).toTable();
    assertEquals(Atsr.of(DEVICE), table.structures().get(0));
    assertEquals("scope-too-short", table.problems().get(0).rule());
  }

  @Test
  void a_scope_past_its_structure_is_cut() {
    DmarTable table = builder().addRaw(2, 0, 16, 0, 0, 0, 0, 0, 1, 40, 0, 0, 0, 0, 5, 0).toTable();
    assertEquals(Atsr.of(DEVICE), table.structures().get(0));
    assertEquals("scope-past-structure", table.problems().get(0).rule());
  }

  @Test
  void half_a_hop_is_left_out() {
    DmarTable table =
        builder().addRaw(2, 0, 17, 0, 0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 5, 0, 7).toTable();
    assertEquals(Atsr.of(DEVICE), table.structures().get(0));
    assertEquals("scope-odd-length", table.problems().get(0).rule());
  }

  @Test
  void meaning_is_checked_too() {
    assertEquals(List.of("no-unit"), rules(builder()));
    assertEquals(List.of("unit-at-zero"), rules(builder(Drhd.includeAll(0))));
    assertEquals(List.of("unit-unaligned"), rules(builder(Drhd.includeAll(BASE + 8))));
    assertEquals(
        List.of("duplicate-unit"), rules(builder(Drhd.of(BASE, DEVICE), Drhd.includeAll(BASE))));
    assertEquals(
        List.of("unit-unaligned", "units-overlap"),
        rules(builder(Drhd.of(BASE, DEVICE), Drhd.includeAll(BASE + 0x800))));
    assertEquals(
        List.of("second-include-all"),
        rules(builder(Drhd.includeAll(BASE), Drhd.includeAll(BASE + 4096))));
    assertEquals(
        List.of("unit-behind-include-all"),
        rules(builder(Drhd.includeAll(BASE), Drhd.of(BASE + 4096))));
    assertEquals(
        List.of("include-all-with-devices"), rules(builder(Drhd.includeAll(BASE, DEVICE))));
    assertEquals(
        List.of("invalid-width"), rules(builder(Drhd.includeAll(BASE)).hostAddressWidth(11)));
    assertEquals(List.of("reserved-flags"), rules(builder(Drhd.includeAll(BASE)).flags(0x80)));
    assertEquals(
        List.of("opt-out-without-remapping"), rules(builder(Drhd.includeAll(BASE)).flags(2)));
  }

  @Test
  void reserved_memory_ports_and_names_are_checked() {
    Drhd all = Drhd.includeAll(BASE, DeviceScope.of(ScopeType.NAMESPACE, 1, 0, new Hop(7, 0)));
    Andd name = Andd.of(1, "\\_SB.I2C0");
    assertEquals(List.of(), rules(builder(all, name)));
    assertEquals(List.of("scope-without-name"), rules(builder(all)));
    assertEquals(
        List.of("reserved-memory-empty"), rules(builder(all, name, Rmrr.of(0, 0, DEVICE))));
    assertEquals(
        List.of("reserved-memory-unaligned"),
        rules(builder(all, name, Rmrr.of(0x1000, 0x1ffe, DEVICE))));
    assertEquals(
        List.of("reserved-memory-of-nobody"), rules(builder(all, name, Rmrr.of(0x1000, 0x1fff))));
    assertEquals(
        List.of("duplicate-ports"), rules(builder(all, name, Atsr.of(DEVICE), Atsr.of(DEVICE))));
    assertEquals(
        List.of("affinity-without-unit"), rules(builder(all, name, new Rhsa(0, BASE + 4096, 0))));
    assertEquals(List.of("affinity-without-unit"), rules(builder(new Rhsa(0, BASE, 0), all, name)));
    assertEquals(
        List.of("name-without-scope", "name-not-terminated"),
        rules(builder(all, name, new Andd(0, 2, Octets.padded("ABC", 3)))));
  }

  @Test
  void a_name_ends_at_its_zero_and_keeps_what_follows() {
    Andd andd = new Andd(0, 1, Octets.of("A\0BC".getBytes(StandardCharsets.US_ASCII)));
    assertEquals("A", andd.name());
    assertEquals(andd, DmarBuilder.tableOf(andd).structures().get(0));
  }
}

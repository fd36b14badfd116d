package org.iommu4j.vtd.policy;

import static org.iommu4j.vtd.policy.TestFacts.BASE;
import static org.iommu4j.vtd.policy.TestFacts.CAP;
import static org.iommu4j.vtd.policy.TestFacts.ECAP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.junit.jupiter.api.Test;

class TableParseTest {
  private static final String WIDTH = "DMAR: Host address width 39";
  private static final String ALL = "DMAR: DRHD base: 0x000000fed90000 flags: 0x1";
  private static final String DMAR0 =
      "DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap d2008c22260206 ecap f00f4a";
  private static final String FAILURE = "DMAR: Parse DMAR table failure.";

  private static List<Integer> ids(ParseResult result) {
    return result.units().stream().map(RemappingUnit::sequenceId).toList();
  }

  @Test
  void a_unit_is_printed_and_registered() {
    ParseResult result = TestFacts.parse(Drhd.includeAll(BASE));
    assertTrue(result.ok());
    assertEquals(List.of(WIDTH, ALL, DMAR0), result.log());
    RemappingUnit unit = result.units().get(0);
    assertEquals("dmar0", unit.name());
    assertEquals(1, unit.agaw());
    assertEquals(1, unit.maxAgaw());
    assertFalse(unit.ignored());
  }

  @Test
  void no_table_is_enodev_without_a_word() {
    TableFacts none = new TableFacts(Optional.empty(), base -> Optional.empty(), TestFacts.MEMORY);
    ParseResult result = TableParse.parse(none, ParseOptions.DEFAULT);
    assertEquals(Errno.ENODEV, result.errno());
    assertEquals(List.of(), result.log());
  }

  @Test
  void units_are_listed_backwards_but_those_for_all_devices_forwards_after_them() {
    ParseResult result =
        TestFacts.parse(Drhd.of(BASE), Drhd.includeAll(BASE + 0x1000), Drhd.of(BASE + 0x2000));
    assertEquals(List.of(2, 0, 1), ids(result));
  }

  @Test
  void a_second_unit_for_all_devices_comes_last() {
    ParseResult result = TestFacts.parse(Drhd.includeAll(BASE), Drhd.includeAll(BASE + 0x1000));
    assertEquals(List.of(0, 1), ids(result));
  }

  @Test
  void a_duplicate_is_printed_and_dropped_with_its_flags() {
    ParseResult result = TestFacts.parse(Drhd.of(BASE), Drhd.includeAll(BASE));
    assertTrue(result.ok());
    assertFalse(result.units().get(0).includeAll());
    assertEquals(List.of(0), ids(result));
    assertEquals(ALL, result.log().get(3));
  }

  @Test
  void the_same_base_in_another_segment_is_no_duplicate_but_cannot_be_reserved() {
    ParseResult result =
        TestFacts.parse(Drhd.includeAll(BASE), new Drhd(1, 0, 1, BASE, ImmutableList.of()));
    assertEquals(Errno.EBUSY, result.errno());
    assertEquals(
        List.of("DMAR: Can't reserve memory", "DMAR: Failed to map dmar1", FAILURE),
        result.log().subList(4, 7));
  }

  @Test
  void registers_in_usable_memory_or_beyond_52_bits_cannot_be_reserved() {
    assertEquals(Errno.EBUSY, TestFacts.parse(Drhd.includeAll(0x200000)).errno());
    assertEquals(Errno.EBUSY, TestFacts.parse(Drhd.includeAll(1L << 52)).errno());
    assertEquals(Errno.EBUSY, TestFacts.parse(Drhd.includeAll(-4096)).errno());
  }

  @Test
  void units_before_a_failure_stay_registered() {
    ParseResult result = TestFacts.parse(Drhd.of(BASE), Drhd.includeAll(0));
    assertEquals(Errno.EINVAL, result.errno());
    assertEquals(List.of(0), ids(result));
    assertEquals(FAILURE, result.log().get(result.log().size() - 1));
  }

  @Test
  void the_129th_unit_gets_no_number() {
    DmarBuilder builder = new DmarBuilder();
    for (int i = 0; i < 129; i++) {
      builder.add(Drhd.of(0xf0000000L + i * 0x1000L));
    }
    ParseResult result = TestFacts.parse(builder);
    assertEquals(Errno.ENOSPC, result.errno());
    assertEquals(128, result.units().size());
    assertTrue(result.log().contains("DMAR: Failed to allocate seq_id"));
  }

  @Test
  void a_width_of_less_than_12_bits_is_refused_and_12_is_not() {
    assertEquals(
        List.of("DMAR: Invalid DMAR haw", FAILURE),
        TestFacts.parse(new DmarBuilder().hostAddressWidth(11)).log());
    ParseResult twelve =
        TestFacts.parse(new DmarBuilder().hostAddressWidth(12).add(Drhd.includeAll(BASE)));
    assertEquals("DMAR: Host address width 12", twelve.log().get(0));
  }

  @Test
  void a_table_without_units_says_so_twice() {
    ParseResult result = TestFacts.parse();
    assertEquals(Errno.ENODEV, result.errno());
    assertEquals(
        List.of(
            WIDTH,
            "DMAR: [Firmware Bug]: No DRHD structure found in DMAR table",
            "DMAR: No DMAR devices found"),
        result.log());
  }

  @Test
  void a_length_field_that_ends_in_the_header_hides_all_structures() {
    ParseResult result =
        TestFacts.parse(new DmarBuilder().add(Drhd.includeAll(BASE)).lengthField(47));
    assertEquals(Errno.ENODEV, result.errno());
  }

  @Test
  void a_wrong_checksum_does_not_matter() {
    assertTrue(TestFacts.parse(new DmarBuilder().add(Drhd.includeAll(BASE)).checksumField(1)).ok());
  }

  @Test
  void a_record_past_the_end_fails_after_what_was_read() {
    ParseResult result =
        TestFacts.parse(new DmarBuilder().add(Drhd.includeAll(BASE)).addRaw(0, 0, 17, 0));
    assertEquals(Errno.EINVAL, result.errno());
    assertEquals(
        List.of("DMAR: [Firmware Bug]: Record passes table end", FAILURE),
        result.log().subList(3, 5));
  }

  @Test
  void a_unit_too_short_for_its_address_takes_it_from_what_follows() {
    ParseResult result =
        TestFacts.parse(
            new DmarBuilder()
                .addRaw(0, 0, 8, 0, 1, 0, 0, 0)
                .addRaw(7, 0, 8, 0, 0, 0, 0, 0)
                .add(Drhd.of(BASE)));
    assertEquals("DMAR: DRHD base: 0x00000000080007 flags: 0x1", result.log().get(1));
    assertEquals(
        0x80007, result.units().get(0).basePhys() + result.units().get(1).basePhys() - BASE);
  }

  @Test
  void units_that_nobody_answers_for_are_ignored() {
    TableFacts facts = new TestFacts().unit(BASE, 0, 0).with(Drhd.includeAll(BASE));
    ParseResult result = TableParse.parse(facts, ParseOptions.DEFAULT);
    assertTrue(result.ok());
    assertEquals(
        List.of(
            "DMAR: dmar0: No supported address widths. Not attempting DMA translation.",
            "DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 0 ecap 0"),
        result.log().subList(2, 4));
    assertTrue(result.units().get(0).ignored());
    assertEquals(AddressWidths.NONE, result.units().get(0).maxAgaw());
  }

  @Test
  void a_unit_with_six_levels_alone_is_ignored() {
    TableFacts facts = new TestFacts().unit(BASE, 0x1000, ECAP).with(Drhd.includeAll(BASE));
    ParseResult result = TableParse.parse(facts, ParseOptions.DEFAULT);
    assertEquals("DMAR: Cannot get a valid agaw for iommu (seq_id = 0)", result.log().get(2));
    assertTrue(result.units().get(0).ignored());
  }

  @Test
  void a_unit_of_which_nothing_is_known_is_assumed_and_its_line_left_out() {
    TableFacts facts = new TestFacts().withoutUnits().with(Drhd.includeAll(BASE));
    ParseResult result = TableParse.parse(facts, ParseOptions.DEFAULT);
    assertEquals(List.of(WIDTH, ALL), result.log());
    assertEquals(result.units(), result.assumedUnits());
    assertEquals(2, result.units().get(0).agaw());
    assertEquals("the registers of dmar0 at 0xfed90000", result.missing().get(0).fact());
  }

  @Test
  void registers_that_reach_into_the_next_unit_cannot_be_reserved() {
    long far = (CAP & ~(0x3ffL << 24)) | (0x100L << 24);
    TableFacts facts =
        new TestFacts().unit(BASE, far, ECAP).with(Drhd.of(BASE + 0x1000), Drhd.includeAll(BASE));
    assertEquals(Errno.EBUSY, TableParse.parse(facts, ParseOptions.DEFAULT).errno());
  }
}

package org.iommu4j.vtd.policy;

import static org.iommu4j.vtd.policy.TestFacts.BASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.junit.jupiter.api.Test;

class TableDetectionTest {
  private static final String AT_ZERO =
      "DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address 0!";

  @Test
  void a_good_table_is_detected_without_a_word() {
    TableDetection.Result result =
        TableDetection.detect(new TestFacts().with(Drhd.includeAll(BASE)));
    assertTrue(result.detected());
    assertEquals(List.of(), result.log());
  }

  @Test
  void no_table_is_enoent() {
    TableFacts none =
        new TableFacts(
            Optional.empty(), base -> Optional.empty(), MemoryMap.of(ImmutableList.of()));
    assertEquals(Errno.ENOENT, TableDetection.detect(none).errno());
  }

  @Test
  void a_length_field_of_zero_cannot_be_mapped() {
    DmarBuilder builder = new DmarBuilder().add(Drhd.includeAll(BASE)).lengthField(0);
    assertEquals(
        Errno.ENOENT, TableDetection.detect(new TestFacts().with(builder.toTable())).errno());
  }

  @Test
  void a_unit_at_zero_is_warned_of_once_a_boot_and_not_again_by_the_parse() {
    TableFacts facts = new TestFacts().with(Drhd.includeAll(0));
    TableDetection.Result result = TableDetection.detect(facts);
    assertEquals(Errno.EINVAL, result.errno());
    assertEquals(List.of(AT_ZERO), result.log());
    ParseResult parse = TableParse.parse(facts, ParseOptions.DEFAULT.after(result));
    assertEquals(
        List.of(
            "DMAR: Host address width 39",
            "DMAR: DRHD base: 0x00000000000000 flags: 0x1",
            "DMAR: Parse DMAR table failure."),
        parse.log());
    assertTrue(TableParse.parse(facts, ParseOptions.DEFAULT).log().contains(AT_ZERO));
  }

  @Test
  void a_unit_that_reads_all_ones_is_refused() {
    TableFacts facts = new TestFacts().unit(BASE, -1, -1).with(Drhd.includeAll(BASE));
    TableDetection.Result result = TableDetection.detect(facts);
    assertEquals(Errno.EINVAL, result.errno());
    assertEquals(
        List.of(
            "DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fed90000 returns"
                + " all ones!"),
        result.log());
    assertEquals(
        List.of(
            "DMAR: Host address width 39",
            "DMAR: DRHD base: 0x000000fed90000 flags: 0x1",
            "DMAR: Failed to map dmar0",
            "DMAR: Parse DMAR table failure."),
        TableParse.parse(facts, ParseOptions.DEFAULT.after(result)).log());
  }

  @Test
  void a_unit_that_wraps_around_the_address_space_cannot_be_looked_at() {
    TableDetection.Result result = TableDetection.detect(new TestFacts().with(Drhd.of(-2048)));
    assertEquals(List.of("DMAR: Can't validate DRHD address: fffffffffffff800"), result.log());
  }

  @Test
  void units_before_a_record_past_the_end_do_not_help() {
    DmarBuilder builder = new DmarBuilder().add(Drhd.includeAll(BASE)).addRaw(0, 0, 17, 0);
    TableDetection.Result result = TableDetection.detect(new TestFacts().with(builder.toTable()));
    assertEquals(Errno.EINVAL, result.errno());
    assertEquals(List.of("DMAR: [Firmware Bug]: Record passes table end"), result.log());
  }

  @Test
  void a_structure_of_length_0_hides_a_unit_at_zero() {
    DmarBuilder builder =
        new DmarBuilder().add(Drhd.of(BASE)).addRaw(9, 0, 0, 0).add(Drhd.includeAll(0));
    assertTrue(TableDetection.detect(new TestFacts().with(builder.toTable())).detected());
  }
}

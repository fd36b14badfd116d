package org.iommu4j.vtd.dmar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class DmarRoundTripTest {
  @Provide
  Arbitrary<List<DmarStructure>> structures() {
    return DmarArbitraries.structures().list().ofMaxSize(8);
  }

  @Provide
  Arbitrary<byte[]> tables() {
    return DmarArbitraries.tables();
  }

  @Property
  void what_is_written_is_read(@ForAll("structures") List<DmarStructure> structures) {
    DmarTable table = DmarBuilder.tableOf(ImmutableList.copyOf(structures));
    assertEquals(structures, table.structures());
    assertTrue(table.header().checksumGood());
  }

  @Property
  void what_is_read_is_written_byte_for_byte(@ForAll("tables") byte[] bytes) {
    assertArrayEquals(bytes, DmarBuilder.of(DmarTable.parse(bytes, "generated")).build());
  }

  @Property
  void a_well_formed_table_has_no_problem_of_form_but_newer_types(@ForAll("tables") byte[] bytes) {
    List<DmarProblem> problems = DmarTable.parse(bytes, "generated").problems();
    assertTrue(
        problems.stream().allMatch(problem -> problem.rule().equals("structure-unknown")),
        problems::toString);
  }
}

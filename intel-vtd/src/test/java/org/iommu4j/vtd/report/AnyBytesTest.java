package org.iommu4j.vtd.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.iommu4j.vtd.dmar.DmarArbitraries;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarProblem;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.policy.InterruptRemapping;
import org.iommu4j.vtd.policy.ParseOptions;
import org.iommu4j.vtd.policy.ParseResult;
import org.iommu4j.vtd.policy.ResolvedScopes;
import org.iommu4j.vtd.policy.ScopeResolution;
import org.iommu4j.vtd.policy.TableDetection;
import org.iommu4j.vtd.policy.TableFacts;
import org.iommu4j.vtd.policy.TableParse;
import org.iommu4j.vtd.policy.UnitLookup;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class AnyBytesTest {
  private static final PciTopology PCI =
      new TopologyBuilder()
          .add("00:00.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x060000))
          .add("00:02.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x030000))
          .add("00:1c.0", ConfigSpaces.of(0x8086, 0x3420).bridge(1, 1).pcie(PcieType.ROOT_PORT))
          .add("01:00.0", ConfigSpaces.of(0x8086, 0x1234).classCode(0x020000))
          .build();

  @Provide
  Arbitrary<byte[]> bytes() {
    return Arbitraries.oneOf(
        DmarArbitraries.tables(), DmarArbitraries.damagedTables(), DmarArbitraries.noise());
  }

  @Provide
  Arbitrary<byte[]> anything() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(100);
  }

  @Property
  void any_bytes_end_in_a_verdict(@ForAll("bytes") byte[] bytes) {
    DmarTable table = DmarTable.parse(bytes, "generated");
    assertNotNull(judge(table));
  }

  private static String judge(DmarTable table) {
    TableFacts facts =
        new TableFacts(
            Optional.of(table), base -> Optional.empty(), MemoryMap.of(ImmutableList.of()));
    TableDetection.Result detection = TableDetection.detect(facts);
    ParseResult parse = TableParse.parse(facts, ParseOptions.DEFAULT.after(detection));
    ResolvedScopes scopes = ScopeResolution.resolve(parse, PCI);
    UnitLookup lookup = UnitLookup.of(scopes, device -> device);
    PCI.devices().forEach(device -> assertNotNull(lookup.unitOf(device)));
    PCI.devices().forEach(device -> assertNotNull(lookup.reservedRegions(device, true)));
    assertNotNull(InterruptRemapping.decide(() -> parse, InterruptRemapping.Options.DEFAULT));
    List<DmarProblem> findings = TopologyChecks.check(table, Optional.of(PCI));
    assertNotNull(DmarTree.of(table, Optional.of(PCI), findings));
    return DmarPrinter.print(table, Optional.of(PCI), findings);
  }

  @Property
  void a_verdict_is_the_same_each_time(@ForAll("bytes") byte[] bytes) {
    DmarTable table = DmarTable.parse(bytes, "generated");
    assertEquals(judge(table), judge(DmarTable.parse(table.toByteArray(), "generated")));
  }

  @Property
  void bytes_without_the_signature_are_refused(@ForAll("anything") byte[] bytes) {
    if (bytes.length >= 4 && bytes[0] == 'D' && bytes[1] == 'M') {
      return;
    }
    assertThrows(BadInputException.class, () -> DmarTable.parse(bytes, "generated"));
  }

  @Test
  void a_mebibyte_of_the_worst_there_is_ends_soon() {
    byte[] worst = Arrays.copyOf(new DmarBuilder().build(), DmarTable.MAX_BYTES);
    for (int fill : new int[] {1, 6, 0xff}) {
      Arrays.fill(worst, 48, worst.length, (byte) fill);
      worst[4] = 0;
      worst[5] = 0;
      worst[6] = 0x10;
      DmarTable table = DmarTable.parse(worst, "worst");
      Assertions.assertTimeout(Duration.ofSeconds(20), () -> assertNotNull(judge(table)));
      assertFalse(table.problems().isEmpty());
    }
  }
}

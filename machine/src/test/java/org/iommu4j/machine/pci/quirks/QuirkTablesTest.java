package org.iommu4j.machine.pci.quirks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.iommu4j.base.Release;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class QuirkTablesTest {
  /** Claims that may leave the verdict to a later row. */
  private static final Set<AcsClaim> CONDITIONAL =
      EnumSet.of(
          AcsClaim.AMD_SOUTH_BRIDGE,
          AcsClaim.INTEL_INTEGRATED_ENDPOINT,
          AcsClaim.INTEL_PCH_ROOT_PORT,
          AcsClaim.INTEL_SPT_ROOT_PORT,
          AcsClaim.CAVIUM_ROOT_PORT,
          AcsClaim.ANNAPURNA_ROOT_PORT,
          AcsClaim.ZHAOXIN_PORT);

  @Test
  void noRowOfTheClaimsIsHiddenByAnEarlierOne() {
    ImmutableList<AcsClaims.Row> rows = AcsClaims.rows();
    for (int later = 0; later < rows.size(); later++) {
      for (AcsClaims.Row earlier : rows.subList(0, later)) {
        AcsClaims.Row row = rows.get(later);
        boolean overlaps =
            earlier.vendorId() == row.vendorId()
                && earlier.devices().intersects(row.devices())
                && !CONDITIONAL.contains(earlier.claim());
        boolean rest = row.devices().equals(IdSet.ANY);
        assertFalse(overlaps && !rest, row + " is hidden by " + earlier);
      }
    }
  }

  @Test
  void everyClaimIsMadeForSomebody() {
    Set<AcsClaim> made =
        AcsClaims.rows().stream().map(AcsClaims.Row::claim).collect(Collectors.toSet());
    assertEquals(EnumSet.allOf(AcsClaim.class), made);
  }

  @Test
  void noFunctionHasTwoRowsOfAliases() {
    ImmutableList<DmaAliasRows.Row> rows = DmaAliasRows.rows();
    for (int later = 0; later < rows.size(); later++) {
      for (DmaAliasRows.Row earlier : rows.subList(0, later)) {
        DmaAliasRows.Row row = rows.get(later);
        boolean overlaps =
            earlier.vendorId() == row.vendorId() && earlier.devices().intersects(row.devices());
        assertFalse(overlaps, row + " and " + earlier);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(AcsClaim.class)
  void everyClaimNamesItsFunction(AcsClaim claim) {
    assertTrue(claim.source().matches("drivers/pci/quirks\\.c:pci_quirk_\\w+_acs"), claim.source());
  }

  @ParameterizedTest
  @EnumSource(DmaAlias.class)
  void everyKindOfAliasNamesItsFunction(DmaAlias alias) {
    assertTrue(alias.source().matches("drivers/pci/quirks\\.c:quirk_\\w+_alias"), alias.source());
  }

  @Test
  void theTablesAreAsLongAsTheKernels() {
    int claims =
        AcsClaims.rows().stream()
            .mapToInt(row -> row.devices().equals(IdSet.ANY) ? 1 : row.devices().size())
            .sum();
    assertEquals(132, claims);
    assertEquals(119, AcsClaims.INTEL_PCH.size());
    assertEquals(56, AcsClaims.INTEL_SPT.size());
    assertEquals(82, DmaAliasRows.rows().stream().mapToInt(row -> row.devices().size()).sum());
  }

  @ParameterizedTest
  @CsvSource({
    "0x1002, 0x98e4, 0x12, true",
    "0x1002, 0x7340, 0xc5, true",
    "0x1002, 0x7340, 0x00, false",
    "0x1002, 0x7312, 0x00, true",
    "0x1002, 0x7312, 0x01, false",
    "0x8086, 0x1452, 0x1f, true",
    "0x8086, 0x1452, 0x20, false",
    "0x8086, 0x98e4, 0x00, false",
  })
  void someRevisionsHaveToDoWithoutAddressTranslation(
      String vendor, String device, String revision, boolean disabled) {
    assertEquals(
        disabled,
        PciQuirks.of(Release.of(5, 10, 0)).ats().stream()
            .anyMatch(
                row ->
                    row.matches(
                        Integer.decode(vendor), Integer.decode(device), Integer.decode(revision))));
  }

  @ParameterizedTest
  @CsvSource({
    "0x104c, 0xb800, 0, 0, 0x000012, 0x040000",
    "0x104c, 0xb800, 0, 0, 0x040100, 0x040100",
    "0x1797, 0x6864, 0, 0, 0x000000, 0x048001",
    "0x1022, 0x7912, 0, 0, 0x0c0330, 0x0c03fe",
    "0x16c3, 0xabcd, 0, 0, 0x0c0330, 0x0c03fe",
    "0x16c3, 0xabcd, 0, 0, 0x060400, 0x060400",
    "0x8086, 0x0482, 0, 0, 0x000000, 0x060200",
    "0x1000, 0x0001, 0, 0, 0x000000, 0x010000",
    "0x1ac1, 0x089a, 0, 0, 0x0000ff, 0x0880ff",
    "0x9710, 0x9835, 0x1000, 0x0012, 0x070002, 0x078002",
    "0x9710, 0x9835, 0x1014, 0x0299, 0x070002, 0x070002",
    "0x9710, 0x9835, 0x1000, 0x0002, 0x070002, 0x070002",
    "0x9710, 0x9865, 0x1000, 0x0012, 0x070002, 0x070002",
  })
  void someClassCodesAreOverridden(
      String vendor, String device, String cardVendor, String card, String code, String corrected) {
    int once =
        ClassQuirks.corrected(
            Integer.decode(vendor),
            Integer.decode(device),
            Integer.decode(cardVendor),
            Integer.decode(card),
            Integer.decode(code));
    assertEquals(Integer.decode(corrected), once);
    assertEquals(
        once,
        ClassQuirks.corrected(
            Integer.decode(vendor),
            Integer.decode(device),
            Integer.decode(cardVendor),
            Integer.decode(card),
            once));
  }

  @Property
  void aSetOfIdsIsReadBackAsItWasPrinted(@ForAll("ids") Set<Integer> ids) {
    String text =
        ids.stream().sorted().map(id -> String.format("%04x", id)).collect(Collectors.joining(" "));
    IdSet set = IdSet.of(text);
    assertEquals(set, IdSet.of(set.toString()));
    assertEquals(ids.size(), set.size());
    ids.forEach(id -> assertTrue(set.contains(id), set.toString()));
  }

  @Provide
  Arbitrary<Set<Integer>> ids() {
    return Arbitraries.integers().between(0, 0xffff).set().ofMinSize(1).ofMaxSize(20);
  }

  @Test
  void anIdThatStandsTwiceInASetIsAMistake() {
    assertThrows(IllegalArgumentException.class, () -> IdSet.of("1000-1002 1001"));
    assertNotEquals(IdSet.of("1000"), IdSet.of("1001"));
  }
}

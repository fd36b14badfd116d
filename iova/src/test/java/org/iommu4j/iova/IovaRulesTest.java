package org.iommu4j.iova;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class IovaRulesTest {
  @Test
  void aMagazineHoldsSomething() {
    assertThrows(IllegalArgumentException.class, () -> Rules.USUAL.withMagazineRanges(0));
    assertThrows(IllegalArgumentException.class, () -> new DepotRules(-1, false, 0));
    assertThrows(IllegalArgumentException.class, () -> new DepotRules(1, false, -1));
  }

  @Test
  void aSearchOfAllGapsFindsWhatLiesAboveTheLastRange() {
    IovaDomain domain = new IovaDomain(Rules.USUAL.withGapSearch(Rules.HIGHEST_OF_ALL), 4096, 1, 1);
    IovaDomain usual = new IovaDomain(Rules.USUAL, 4096, 1, 1);
    for (IovaDomain each : new IovaDomain[] {domain, usual}) {
      each.alloc(1, 0xffff, true);
      each.alloc(1, 0xff, true);
    }
    assertEquals(0xfffe, domain.alloc(1, 0xffff, true));
    assertEquals(0xfe, usual.alloc(1, 0xffff, true));
  }

  @Property(tries = 200)
  void aPowerOfTwoIsTheNextOne(@ForAll @LongRange(min = 1, max = 1L << 62) long pages) {
    long rounded = SizeRounding.POWER_OF_TWO.rounded(pages);
    assertEquals(1, Long.bitCount(rounded));
    assertEquals(true, rounded >= pages && rounded / 2 < pages);
  }

  @Test
  void sizesThatAreNotCachedStayAsTheyAre() {
    SizeRounding rounding = SizeRounding.POWER_OF_TWO_IF_CACHED;
    assertEquals(1, rounding.rounded(0));
    assertEquals(4, rounding.rounded(3));
    assertEquals(32, rounding.rounded(31));
    assertEquals(32, rounding.rounded(32));
    assertEquals(33, rounding.rounded(33));
    assertEquals(51, rounding.rounded(51));
  }

  @Test
  void noPagesTakeOne() {
    assertEquals(1, SizeRounding.POWER_OF_TWO.rounded(0));
  }
}

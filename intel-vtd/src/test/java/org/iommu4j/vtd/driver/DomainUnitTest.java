package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** The address mask of page-selective invalidations. */
final class DomainUnitTest {
  @Property
  void theMaskedBlockIsTheSmallestThatHoldsTheRange(
      @ForAll @LongRange(min = 1, max = 1L << 40) long pfn,
      @ForAll @LongRange(min = 1, max = 1L << 20) long pages) {
    int mask = DomainUnit.addressMask(pfn, pages);
    long last = pfn + pages - 1;
    assertEquals(pfn >>> mask, last >>> mask);
    if (pages > 1 && Long.bitCount(pages) == 1 && mask > 0) {
      assertEquals(false, pfn >>> (mask - 1) == last >>> (mask - 1));
    }
  }

  @Test
  void anAlignedRangeIsItsOwnBlock() {
    assertEquals(0, DomainUnit.addressMask(7, 1));
    assertEquals(3, DomainUnit.addressMask(8, 5));
  }

  @Test
  void aRangeAcrossAnAlignmentNeedsMore() {
    assertEquals(2, DomainUnit.addressMask(1, 2));
    assertEquals(4, DomainUnit.addressMask(7, 2));
  }
}

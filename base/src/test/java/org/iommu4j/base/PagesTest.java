package org.iommu4j.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PagesTest {
  @Test
  void anAddressIsRoundedToThePagesAroundIt() {
    assertEquals(0x1000, Pages.alignDown(0x1fff));
    assertEquals(0x2000, Pages.alignUp(0x1001));
    assertEquals(0x1000, Pages.alignUp(0x1000));
    assertTrue(Pages.isAligned(0x1000));
    assertFalse(Pages.isAligned(0x1800));
  }

  @Test
  void addressesAreUnsigned() {
    assertEquals(0xffff_ffff_ffff_f000L, Pages.alignDown(-1));
    assertEquals(0, Pages.alignUp(-1), "wraps as in the kernel");
    assertEquals(0xf_ffff_ffff_ffffL, -1L >>> Pages.PAGE_SHIFT);
    assertEquals(1, Pages.touched(-0x1000, 0x1000));
  }

  @Test
  void aRangeTouchesThePagesOfItsFirstAndLastByte() {
    assertEquals(1, Pages.touched(0x1fff, 1));
    assertEquals(2, Pages.touched(0x1fff, 2));
    assertEquals(0, Pages.touched(0x1000, 0));
    assertEquals(1, Pages.touched(0x1001, 0), "as the kernel counts");
  }

  @Test
  void aNumberOfPagesIsRoundedToAPowerOfTwo() {
    assertEquals(1, Pages.roundUpToPowerOfTwo(0));
    assertEquals(4, Pages.roundUpToPowerOfTwo(3));
    assertEquals(4, Pages.roundUpToPowerOfTwo(4));
  }
}

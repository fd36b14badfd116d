package org.iommu4j.vtd.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.iommu4j.vtd.hw.format.Capabilities;
import org.junit.jupiter.api.Test;

class AddressWidthsTest {
  private static Capabilities unit(int sagaw, boolean fiveLevels, long ecapBits) {
    long cap = (long) sagaw << 8 | (fiveLevels ? 1L << 60 : 0);
    return new Capabilities(cap, ecapBits);
  }

  @Test
  void widths_and_agaws_convert() {
    assertEquals(1, AddressWidths.widthToAgaw(39));
    assertEquals(2, AddressWidths.widthToAgaw(48));
    assertEquals(2, AddressWidths.widthToAgaw(40));
    assertEquals(3, AddressWidths.widthToAgaw(57));
    assertEquals(4, AddressWidths.widthToAgaw(64));
    assertEquals(48, AddressWidths.agawToWidth(2));
    assertEquals(64, AddressWidths.agawToWidth(4));
    assertEquals(4, AddressWidths.agawToLevels(2));
  }

  @Test
  void the_default_is_at_most_57_bits_and_the_maximum_64() {
    int all = 0x1f;
    assertEquals(3, AddressWidths.largestAgaw(all, AddressWidths.DEFAULT_WIDTH));
    assertEquals(4, AddressWidths.largestAgaw(all, AddressWidths.MAX_WIDTH));
    assertEquals(AddressWidths.NONE, AddressWidths.largestAgaw(0x10, AddressWidths.DEFAULT_WIDTH));
    assertEquals(0, AddressWidths.largestAgaw(1, AddressWidths.DEFAULT_WIDTH));
  }

  @Test
  void the_second_level_counts_unless_scalable_mode_is_asked_for_and_there() {
    long scalable = 1L << 43;
    long first = 1L << 47;
    long second = 1L << 46;
    assertEquals(6, AddressWidths.supportedAgaws(unit(6, true, scalable | first), false));
    assertEquals(6, AddressWidths.supportedAgaws(unit(6, true, first), true));
    assertEquals(6, AddressWidths.supportedAgaws(unit(6, true, scalable), true));
    assertEquals(12, AddressWidths.supportedAgaws(unit(6, true, scalable | first), true));
    assertEquals(4, AddressWidths.supportedAgaws(unit(6, false, scalable | first), true));
    assertEquals(4, AddressWidths.supportedAgaws(unit(6, true, scalable | first | second), true));
    assertEquals(0, AddressWidths.supportedAgaws(unit(2, true, scalable | first | second), true));
  }
}

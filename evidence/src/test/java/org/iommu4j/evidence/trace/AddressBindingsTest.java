package org.iommu4j.evidence.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Addresses of the model that stand for others of the kernel. */
final class AddressBindingsTest {
  private final AddressBindings bindings = new AddressBindings();

  @Test
  void anAddressStandsForItselfUntilTheTwoDiffer() {
    assertEquals(0x1080, bindings.shown(1, 0x1000, 0x1080));
  }

  @Test
  void aMappingStandsForTheKernelsInItsGroupAlone() {
    bindings.bind(1, 0x1000, 0x5000);
    assertEquals(0x5080, bindings.shown(1, 0x1000, 0x1080));
    assertEquals(0x1080, bindings.shown(2, 0x1000, 0x1080));
    assertEquals(0x2000, bindings.shown(1, 0x2000, 0x2000));
  }
}

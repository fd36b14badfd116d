package org.iommu4j.machine.pci.quirks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.iommu4j.base.Release;
import org.junit.jupiter.api.Test;

class PciQuirksTest {
  @Test
  void aRowThatSaysNothingElseIsOfAllReleases() {
    PciQuirks old = PciQuirks.of(Release.of(4, 19, 0));
    assertEquals(AcsClaims.rows(), old.acsClaims());
    assertEquals(DmaAliasRows.rows(), old.dmaAliases());
    assertEquals(AtsQuirks.rows(), old.ats());
    assertEquals(old, PciQuirks.of(Release.of(7, 3, 4)));
  }
}

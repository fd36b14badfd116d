package org.iommu4j.vtd.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainLock;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.junit.jupiter.api.Test;

final class RmrrLockPolicyTest {
  private static PciDevice function() {
    ConfigSpace config = ConfigSpace.of(new byte[ConfigSpace.CONVENTIONAL_BYTES]);
    PciFunctionFacts facts = PciFunctionFacts.ofConfig(new PciAddress(0, 0, 5, 0), config);
    return PciTopology.of(List.of(facts)).devices().get(0);
  }

  @Test
  void onlyARegionThatIsNotRelaxableLocks() {
    ReservedRegion relaxable =
        new ReservedRegion(0x1000, 0x1fff, ReservedRegion.Type.DIRECT_RELAXABLE);
    ReservedRegion msi = new ReservedRegion(0xfee00000L, 0xfeefffffL, ReservedRegion.Type.MSI);
    ReservedRegion direct = new ReservedRegion(0x7000, 0x7fff, ReservedRegion.Type.DIRECT);
    assertFalse(RmrrLockPolicy.decide(function(), List.of(relaxable, msi), "a.c:b").locked());
    DomainLock lock = RmrrLockPolicy.decide(function(), List.of(msi, direct), "a.c:b");
    assertTrue(lock.locked());
    assertEquals(
        List.of("firmware wants 0x7000 to 0x7fff mapped for 0000:00:05.0"),
        lock.decision().because());
    assertEquals("a.c:b", lock.decision().source());
  }
}

package org.iommu4j.vtd.kit;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Objects;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.testkit.Rig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A driver that goes on mapping while its device is attached to somebody's own domain: Linux 5.10
 * follows a null pointer. What it survives is in the transcripts {@code domain-attached*}.
 */
final class AttachedDeviceTest {

  @ParameterizedTest
  @EnumSource(IntelFixture.class)
  void mappingAndUnmappingAreRefusedWhileItLasts(IntelFixture unit) {
    Rig rig = Rig.boot(unit);
    IommuApi iommu = rig.system().iommu();
    long phys = rig.allocPages(0);
    long before = map(rig, phys);
    IommuDomain own = Objects.requireNonNull(iommu.domainAlloc());
    assertEquals(0, iommu.attachDevice(own, rig.address()));

    assertThrows(IllegalArgumentException.class, () -> map(rig, phys));
    assertThrows(
        IllegalArgumentException.class, () -> rig.dma().allocCoherent(rig.device(), PAGE_BYTES, 0));
    assertThrows(IllegalArgumentException.class, () -> unmap(rig, before));
    assertEquals(0, iommu.iovaToPhys(own, before));

    iommu.detachDevice(own, rig.address());
    assertEquals(phys, iommu.iovaToPhys(rig.system().domain(rig.address()).orElseThrow(), before));
    long after = map(rig, phys);
    assertNotEquals(before, after);
    unmap(rig, before);
    unmap(rig, after);
  }

  private static long map(Rig rig, long phys) {
    return rig.dma().mapPage(rig.device(), phys, 0, PAGE_BYTES, DmaDirection.BIDIRECTIONAL, 0);
  }

  private static void unmap(Rig rig, long dmaAddr) {
    rig.dma().unmapPage(rig.device(), dmaAddr, PAGE_BYTES, DmaDirection.BIDIRECTIONAL, 0);
  }
}

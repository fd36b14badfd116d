package org.iommu4j.iommu.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.spi.IommuDomain;
import org.junit.jupiter.api.Test;

/** What becomes of addresses, tables and translations when buffers are unmapped. */
class UnmappingTest {
  private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

  private static long map(World world) {
    return world.dma.mapSingle(world.device, World.BUFFERS, 4096, BOTH, 0);
  }

  private static void unmap(World world, long dmaAddr) {
    world.dma.unmapSingle(world.device, dmaAddr, 4096, BOTH, 0);
  }

  @Test
  void strictUnmappingMakesTheHardwareForget() {
    for (Releases release : Releases.values()) {
      World world = World.of(release).boot();
      long dmaAddr = map(world);
      assertEquals(World.BUFFERS, world.domain.access(dmaAddr, IommuDomain.READ));
      world.domain.unlinkTable(7);
      unmap(world, dmaAddr);
      assertEquals(-1, world.domain.access(dmaAddr, IommuDomain.READ));
      assertEquals(7, world.domain.tablesFreed);
      assertEquals(dmaAddr, map(world), "the address is back");
      assertEquals(0, world.domain.flushes);
    }
  }

  @Test
  void lazyUnmappingWaitsForTheTimer() {
    for (Releases release : Releases.values()) {
      World world = World.of(release).lazy(true).boot();
      long dmaAddr = map(world);
      world.domain.access(dmaAddr, IommuDomain.READ);
      world.domain.unlinkTable(7);
      unmap(world, dmaAddr);
      assertEquals(0, world.domain.iovaToPhys(dmaAddr), "at once in the table");
      assertEquals(World.BUFFERS, world.domain.access(dmaAddr, IommuDomain.READ));
      assertEquals(0, world.domain.tablesFreed);
      assertTrue(map(world) != dmaAddr, "the address waits");
      world.letTimersFlush();
      assertEquals(-1, world.domain.access(dmaAddr, IommuDomain.READ));
      assertEquals(7, world.domain.tablesFreed);
      assertEquals(1, world.domain.flushes);
      assertEquals(0, world.domain.syncs);
      assertEquals(dmaAddr, map(world));
    }
  }

  @Test
  void aFullRingFlushes() {
    World world = World.of(Releases.LINUX_6_1).lazy(true).boot();
    for (int i = 0; i < 255; i++) {
      unmap(world, map(world));
    }
    assertEquals(0, world.domain.flushes);
    unmap(world, map(world));
    assertEquals(1, world.domain.flushes);
  }

  @Test
  void aDomainCanBeMadeToQueueWhileItIsInUse() {
    World world = World.of(Releases.LINUX_6_12).boot();
    unmap(world, map(world));
    assertTrue(world.iommu.startQueue(world.domain));
    unmap(world, map(world));
    assertEquals(1, world.domain.syncs);
    world.letTimersFlush();
    assertEquals(1, world.domain.flushes);
    assertFalse(
        world.iommu.startQueue(new CachedDomain(world.domain.type(), false, CachedDomain.PAGE)));
  }

  @Test
  void aDomainThatGoesFreesTheTablesThatWait() {
    World world = World.of(Releases.LINUX_6_12).lazy(true).boot();
    world.domain.unlinkTable(9);
    unmap(world, map(world));
    world.iommu.release(world.domain);
    assertEquals(9, world.domain.tablesFreed);
    world.letTimersFlush();
    assertEquals(0, world.domain.flushes, "the timer is off");
    world.iommu.release(world.domain);
  }

  @Test
  void unmappingNothingGivesAnAddressBackOrNot() {
    for (Releases release : Releases.values()) {
      World world = World.of(release).boot();
      unmap(world, 0x1234_5000);
      long expected = release == Releases.LINUX_5_10 ? 0x1234_5000 : 0xffff_f000L;
      assertEquals(expected, map(world), release.name());
    }
  }

  @Test
  void whatCouldNotBeMappedGoesBackAtOnceOrQueued() {
    for (Releases release : Releases.values()) {
      World world = World.of(release).lazy(true).boot();
      world.domain.fillUpAfter(0);
      assertEquals(DmaMapping.MAPPING_ERROR, map(world));
      world.domain.fillUpAfter(9);
      boolean queued = release == Releases.LINUX_5_10;
      assertEquals(queued ? 0xffff_e000L : 0xffff_f000L, map(world), release.name());
    }
  }

  @Test
  void anOffsetInAPageIsKept() {
    World world = World.of(Releases.LINUX_6_12).boot();
    long dmaAddr = world.dma.mapSingle(world.device, World.BUFFERS + 0x123, 4096, BOTH, 0);
    assertEquals(0xffff_e123L, dmaAddr);
    assertEquals(World.BUFFERS + 0x123, world.domain.iovaToPhys(dmaAddr));
    assertEquals(2, world.domain.mappedPages());
    unmap(world, dmaAddr);
    assertEquals(0, world.domain.mappedPages());
  }

  @Test
  void registersNeedNoSnooping() {
    World world = World.of(Releases.LINUX_6_12).boot();
    long phys = 0x40_0000_0040L;
    long dmaAddr = world.dma.mapResource(world.device, phys, 4, DmaDirection.TO_DEVICE, 0);
    assertEquals(phys, world.domain.iovaToPhys(dmaAddr));
    assertEquals(IommuDomain.READ | IommuDomain.MMIO, world.domain.protection(dmaAddr));
    world.dma.unmapResource(world.device, dmaAddr, 4, DmaDirection.TO_DEVICE, 0);
    assertEquals(0, world.domain.mappedPages());
  }
}

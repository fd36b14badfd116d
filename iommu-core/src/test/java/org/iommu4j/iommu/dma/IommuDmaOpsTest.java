package org.iommu4j.iommu.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.NoncoherentMemory;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.MemoryMap;
import org.junit.jupiter.api.Test;

/** What a device with these operations is told of them. */
class IommuDmaOpsTest {
  @Test
  void aReleaseNamesThem() {
    assertEquals("iommu_dma_ops", World.of(Releases.LINUX_5_10).boot().ops().symbol());
    assertEquals("iommu_dma_ops", World.of(Releases.LINUX_6_1).boot().ops().symbol());
    assertEquals("NULL", World.of(Releases.LINUX_6_12).boot().ops().symbol());
  }

  @Test
  void anyMaskIsServed() {
    World world = World.of(Releases.LINUX_6_12).boot();
    assertEquals(0, world.dma.setMask(world.device, 1));
    assertEquals(DmaMapping.bitMask(32), world.dma.requiredMask(world.device));
  }

  @Test
  void entriesJoinAtPages() {
    for (Releases release : Releases.values()) {
      World world = World.of(release).pageSizes(4096 | 2 << 20).boot();
      assertEquals(0xfff, world.dma.mergeBoundary(world.device));
      assertEquals(DmaMapping.NO_LIMIT, world.dma.maxMappingSizeBytes(world.device));
      boolean told = release != Releases.LINUX_5_10;
      assertEquals(
          told ? 128 << 10 : DmaMapping.NO_LIMIT, world.dma.bestMappingSizeBytes(world.device));
    }
  }

  @Test
  void syncsAreSkippedUntilABufferBounces() {
    World world = World.of(Releases.LINUX_6_12).untrusted().boot();
    assertTrue(world.dma.needsSync(world.device, 0));
    assertEquals(0, world.dma.setMask(world.device, DmaMapping.bitMask(48)));
    assertFalse(world.dma.needsSync(world.device, 0));
    world.dma.mapSingle(world.device, World.BUFFERS, 4096, DmaDirection.TO_DEVICE, 0);
    assertFalse(world.dma.needsSync(world.device, 0));
    world.dma.mapSingle(world.device, World.BUFFERS, 5, DmaDirection.TO_DEVICE, 0);
    assertTrue(world.dma.needsSync(world.device, 0));
    World before = World.of(Releases.LINUX_6_1).boot();
    assertEquals(0, before.dma.setMask(before.device, DmaMapping.bitMask(48)));
    assertTrue(before.dma.needsSync(before.device, 0));
  }

  @Test
  void wideAlignmentIsRefusedOrNotSeen() {
    World refusing = World.of(Releases.LINUX_6_12).boot();
    refusing.device.setMinAlignMask(0x1fff);
    for (int i = 0; i < 2; i++) {
      assertEquals(
          DmaMapping.MAPPING_ERROR,
          refusing.dma.mapSingle(refusing.device, World.BUFFERS, 4096, DmaDirection.TO_DEVICE, 0));
    }
    assertEquals(List.of("pci 0000:00:05.0: Unsupported alignment constraint"), refusing.log);
    World passing = World.of(Releases.LINUX_6_1).boot();
    passing.device.setMinAlignMask(0x1fff);
    assertEquals(
        0xffff_f000L,
        passing.dma.mapSingle(passing.device, World.BUFFERS, 4096, DmaDirection.TO_DEVICE, 0));
  }

  @Test
  void pagesAreMappedAsBuffers() {
    World world = World.of(Releases.LINUX_6_12).boot();
    NoncoherentMemory memory = new NoncoherentMemory(world.dma);
    DmaPages pages =
        Objects.requireNonNull(memory.allocPages(world.device, 5000, DmaDirection.FROM_DEVICE));
    assertEquals(pages.phys(), world.domain.iovaToPhys(pages.dmaAddr()));
    memory.freePages(world.device, pages);
    assertEquals(0, world.domain.mappedPages());
  }

  @Test
  void devicesOfADomainShareItsAddresses() {
    World world = World.of(Releases.LINUX_6_12).boot();
    Device second = new Device("0000:00:07.0");
    AddressRange window = new AddressRange(0xf000_0000L, 0xffff_ffffL, "PCI Bus 0000:00");
    HostBridge bridge = HostBridge.in(MemoryMap.of(List.of(window)), 0, 0);
    assertEquals(List.of(window), bridge.windows());
    DmaClient client = new DmaClient(second, true, false, bridge, ImmutableList.of());
    second.setDmaOps(world.iommu.setUpDmaOps(client, world.domain));
    DmaDirection to = DmaDirection.TO_DEVICE;
    assertEquals(0xffff_f000L, world.dma.mapSingle(world.device, World.BUFFERS, 1, to, 0));
    assertEquals(
        0xffff_e000L,
        world.dma.mapSingle(second, World.BUFFERS, 1, to, 0),
        "in a window that only the second device has");
  }

  @Test
  void onlyDomainsOfTheDmaApiGetOperations() {
    World world = World.of(Releases.LINUX_6_12).boot();
    DmaClient client =
        new DmaClient(
            new Device("0000:00:08.0"), true, false, HostBridge.none(), ImmutableList.of());
    CachedDomain unmanaged = new CachedDomain(DomainType.UNMANAGED, false, CachedDomain.PAGE);
    assertNull(world.iommu.setUpDmaOps(client, unmanaged));
    assertEquals(List.of(), world.log);
  }

  @Test
  void mappingAllocatesNoHeap() {
    for (Releases release : Releases.values()) {
      for (boolean lazy : new boolean[] {false, true}) {
        World world = World.of(release).lazy(lazy).boot();
        PlainDomain domain = new PlainDomain(world.domain.type());
        DmaClient client =
            new DmaClient(world.device, true, false, HostBridge.none(), ImmutableList.of());
        world.device.setDmaOps(world.iommu.setUpDmaOps(client, domain));
        mapAndUnmap(world, 20_000);
        long before = allocatedBytes();
        mapAndUnmap(world, 10_000);
        long perCall = (allocatedBytes() - before) / 10_000;
        assertEquals(0, perCall, release + (lazy ? " lazy" : " strict"));
      }
    }
  }

  private static void mapAndUnmap(World world, int times) {
    ScatterList list = new ScatterList(4);
    for (int i = 0; i < 4; i++) {
      list.add(World.BUFFERS + 8192L * i, 0, 4096);
    }
    for (int i = 0; i < times; i++) {
      long dmaAddr =
          world.dma.mapSingle(world.device, World.BUFFERS, 5000, DmaDirection.TO_DEVICE, 0);
      world.dma.unmapSingle(world.device, dmaAddr, 5000, DmaDirection.TO_DEVICE, 0);
      world.dma.mapSg(world.device, list, DmaDirection.TO_DEVICE, 0);
      world.dma.unmapSg(world.device, list, DmaDirection.TO_DEVICE, 0);
    }
  }

  private static long allocatedBytes() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadAllocatedBytes();
  }
}

package org.iommu4j.iommu.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.spi.IommuDomain;
import org.junit.jupiter.api.Test;

/** What a device gets to see that is not trusted, by releases that bounce for it. */
class UntrustedDmaOpsTest {
  private static final byte OLD = 0x11;
  private static final byte LEFTOVER = 0x77;

  private static World boot(Releases release) {
    World world = World.of(release).untrusted().boot();
    world.memory.fill(World.BUFFERS, 1 << 16, OLD);
    world.memory.fill(world.pool.range().startPhys(), world.pool.range().lengthBytes(), LEFTOVER);
    return world;
  }

  /** Returns the byte of the model's memory that the device finds at an address. */
  private static byte seen(World world, long iova) {
    return world.memory.read8(world.domain.iovaToPhys(iova));
  }

  @Property(tries = 300)
  void aBufferIsCopiedWithoutItsNeighbours(
      @ForAll("bouncing") Releases release,
      @ForAll @IntRange(min = 0, max = 9000) int offset,
      @ForAll @IntRange(min = 1, max = 9000) int size,
      @ForAll("directions") DmaDirection direction,
      @ForAll boolean skipsSync) {
    World world = boot(release);
    int attributes = skipsSync ? DmaAttributes.SKIP_CPU_SYNC : 0;
    long phys = World.BUFFERS + offset;
    long dmaAddr = world.dma.mapSingle(world.device, phys, size, direction, attributes);
    boolean bounces = (offset | size) % 4096 != 0;
    assertEquals(bounces, world.pool.contains(world.domain.iovaToPhys(dmaAddr)));
    if (!bounces) {
      assertEquals(phys, world.domain.iovaToPhys(dmaAddr));
      return;
    }
    boolean copied = release == Releases.LINUX_6_12 || (direction.deviceReads() && !skipsSync);
    long end = (dmaAddr + size + 4095) & -4096;
    for (long at = dmaAddr & -4096; at < end; at++) {
      boolean inside = at >= dmaAddr && at < dmaAddr + size;
      assertEquals(inside && copied ? OLD : 0, seen(world, at));
    }
    assertEquals(-1, world.domain.access(end, IommuDomain.READ), "nothing is mapped after it");
    world.dma.unmapSingle(world.device, dmaAddr, size, direction, attributes);
    assertEquals(0, world.pool.usedSlots());
    assertEquals(0, world.domain.mappedPages());
    boolean lost = direction.deviceWrites() && !copied && !skipsSync;
    assertEquals(lost ? 0 : OLD, world.memory.read8(phys), "what the device did not write");
    assertEquals(OLD, world.memory.read8(phys + size));
  }

  @Provide
  Arbitrary<Releases> bouncing() {
    return Arbitraries.of(Releases.LINUX_6_1, Releases.LINUX_6_12);
  }

  @Provide
  Arbitrary<DmaDirection> directions() {
    return Arbitraries.of(
        DmaDirection.BIDIRECTIONAL, DmaDirection.TO_DEVICE, DmaDirection.FROM_DEVICE);
  }

  @Test
  void anEarlierReleaseNeverBounces() {
    World world = boot(Releases.LINUX_5_10);
    long dmaAddr =
        world.dma.mapSingle(world.device, World.BUFFERS + 5, 7, DmaDirection.TO_DEVICE, 0);
    assertEquals(World.BUFFERS + 5, world.domain.iovaToPhys(dmaAddr));
    assertEquals(DmaMapping.NO_LIMIT, world.dma.maxMappingSizeBytes(world.device));
  }

  @Test
  void syncsCopyWhatTheDirectionAllows() {
    World world = boot(Releases.LINUX_6_12);
    long phys = World.BUFFERS + 64;
    DmaDirection both = DmaDirection.BIDIRECTIONAL;
    long dmaAddr = world.dma.mapSingle(world.device, phys, 256, both, 0);
    world.memory.write8(world.domain.iovaToPhys(dmaAddr + 3), (byte) 0x33);
    world.dma.syncSingleForCpu(world.device, dmaAddr, 256, both);
    assertEquals(0x33, world.memory.read8(phys + 3));
    world.memory.write8(phys + 4, (byte) 0x44);
    world.dma.syncSingleForDevice(world.device, dmaAddr, 256, both);
    assertEquals(0x44, seen(world, dmaAddr + 4));
  }

  @Test
  void entriesOfAListAreMappedOneByOne() {
    World world = boot(Releases.LINUX_6_12);
    ScatterList list = new ScatterList(3);
    list.add(World.BUFFERS, 0, 4096);
    list.add(World.BUFFERS + 4096, 0, 4096);
    list.add(World.BUFFERS + 8192, 100, 50);
    DmaDirection from = DmaDirection.FROM_DEVICE;
    assertEquals(3, world.dma.mapSg(world.device, list, from, 0), "side by side, and not joined");
    assertFalse(world.pool.contains(world.domain.iovaToPhys(list.dmaAddr(1))));
    assertTrue(world.pool.contains(world.domain.iovaToPhys(list.dmaAddr(2))));
    world.memory.write8(world.domain.iovaToPhys(list.dmaAddr(2)), (byte) 0x21);
    world.dma.syncSgForCpu(world.device, list, from);
    assertEquals(0x21, world.memory.read8(World.BUFFERS + 8292));
    world.memory.write8(World.BUFFERS + 8292, (byte) 0x22);
    world.dma.syncSgForDevice(world.device, list, from);
    assertEquals(0x21, seen(world, list.dmaAddr(2)), "the device only writes");
    world.dma.unmapSg(world.device, list, from, 0);
    assertEquals(0, world.domain.mappedPages());
    assertEquals(0, world.pool.usedSlots());
  }

  @Test
  void aListThatFailsLeavesNothing() {
    World world = boot(Releases.LINUX_6_1);
    ScatterList list = new ScatterList(3);
    list.add(World.BUFFERS, 16, 64);
    list.add(World.BUFFERS, 256, 64);
    list.add(World.BUFFERS, 0, 8192);
    world.domain.fillUpAfter(3);
    assertEquals(-5, world.ops().mapSg(world.device, list, DmaDirection.FROM_DEVICE, 0));
    assertEquals(0, world.pool.usedSlots());
    assertEquals(OLD, world.memory.read8(World.BUFFERS + 16), "nothing is copied back");
  }

  @Test
  void aCopyThatCannotBeMappedIsDropped() {
    World world = boot(Releases.LINUX_6_12);
    world.domain.fillUpAfter(0);
    assertEquals(
        DmaMapping.MAPPING_ERROR,
        world.dma.mapSingle(world.device, World.BUFFERS, 5, DmaDirection.TO_DEVICE, 0));
    assertEquals(0, world.pool.usedSlots());
  }

  @Test
  void withoutAPoolOnlyWholePagesAreMapped() {
    World world = World.of(Releases.LINUX_6_12).untrusted().withoutPool().boot();
    DmaDirection to = DmaDirection.TO_DEVICE;
    for (int i = 0; i < 2; i++) {
      assertEquals(
          DmaMapping.MAPPING_ERROR, world.dma.mapSingle(world.device, World.BUFFERS, 5, to, 0));
    }
    assertEquals(
        List.of(
            "pci 0000:00:05.0: DMA bounce buffers are inactive, unable to map unaligned"
                + " transaction."),
        world.log);
    assertEquals(0xffff_f000L, world.dma.mapSingle(world.device, World.BUFFERS, 4096, to, 0));
  }

  @Test
  void thePoolLimitsAMapping() {
    World world = boot(Releases.LINUX_6_12);
    assertEquals(256 << 10, world.dma.maxMappingSizeBytes(world.device));
    world.device.setMinAlignMask(0xfff);
    assertEquals(252 << 10, world.dma.maxMappingSizeBytes(world.device));
    assertEquals(128 << 10, world.dma.bestMappingSizeBytes(world.device));
  }

  @Test
  void unmappingNothingDoesNothing() {
    World world = boot(Releases.LINUX_6_1);
    world.dma.unmapSingle(world.device, 0x5000, 4096, DmaDirection.TO_DEVICE, 0);
    assertEquals(0, world.domain.syncs);
  }
}

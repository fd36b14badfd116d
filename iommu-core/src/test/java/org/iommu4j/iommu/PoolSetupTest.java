package org.iommu4j.iommu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.junit.jupiter.api.Test;

class PoolSetupTest {
  private static final long MIB = 1L << 20;

  /** Boots a machine with memory up to 256 MiB, from 1 to 1.25 GiB and from 4 GiB on. */
  private static LinuxSystem boot(String commandLine) {
    return LinuxSystem.boot(
        Machine.builder("pool")
            .commandLine(CommandLine.parse(commandLine))
            .memory(
                MemoryMap.of(
                    ImmutableList.of(
                        ram(MIB, 256 * MIB),
                        ram(1024 * MIB, 1280 * MIB),
                        ram(4096 * MIB, 4112 * MIB))))
            .build());
  }

  private static AddressRange ram(long start, long end) {
    return new AddressRange(start, end - 1, MemoryMap.SYSTEM_RAM);
  }

  private static String lineOfABounce(LinuxSystem system) {
    SwiotlbPool pool = system.services().pool();
    assertFalse(pool.isActive());
    assertEquals(
        DmaMapping.MAPPING_ERROR, pool.mapSingle(new Device("0000:00:05.0"), MIB, 10, 4096, 0));
    List<String> log = system.takeLog();
    assertEquals(1, log.size());
    return log.get(0);
  }

  @Test
  void thePoolEndsWhereTheHighestMemoryBelow4GibEnds() {
    assertEquals(new PhysRange(1216 * MIB, 1280 * MIB), boot("").services().pool().range());
  }

  @Test
  void noFrameIsTakenFromThePool() {
    LinuxSystem system = boot("");
    PhysRange pool = system.services().pool().range();
    FrameAllocator frames = system.services().frames();
    long phys = frames.allocate(FrameAllocator.MAX_ORDER, MemoryZone.NORMAL);
    for (int i = 0; phys != PageAllocator.NONE; i++) {
      assertFalse(pool.contains(phys), "block " + i);
      phys = frames.allocate(FrameAllocator.MAX_ORDER, MemoryZone.NORMAL);
    }
  }

  @Test
  void aPoolThatDoesNotFitIsThePanicOfTheFirstBounce() {
    String line = lineOfABounce(boot("swiotlb=262144"));
    assertTrue(line.startsWith("Kernel panic - not syncing: "), line);
  }

  @Test
  void aPoolThatNobodyWantsIsFull() {
    String line = lineOfABounce(boot("iommu=off"));
    assertTrue(line.endsWith("total 0 (slots), used 0 (slots)"), line);
  }
}

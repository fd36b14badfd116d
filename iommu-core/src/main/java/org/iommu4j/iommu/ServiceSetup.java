package org.iommu4j.iommu;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.iommu4j.base.ModelCpus;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.swiotlb.SwiotlbPool;

/** Makes what a system's parts share from the machine's facts. */
final class ServiceSetup {

  /** What is assumed of memory where nothing is known: 2 GiB without a hole. */
  private static final PhysRange ASSUMED_RAM = new PhysRange(1L << 20, 1L << 31);

  private ServiceSetup() {}

  static SystemServices of(
      Machine machine, BootOptions options, PoolSetup bounce, Consumer<String> log) {
    ImmutableList<PhysRange> ram = ram(machine.memory());
    PhysicalMemory memory = PhysicalMemory.ofRam(ram);
    ModelCpus cpus = new ModelCpus(cpus(machine));
    SwiotlbPool pool =
        bounce.pool(
            options.rules().swiotlb(),
            memory,
            cpus::current,
            new DeviceLog(log, () -> options.timers().nowMillis()));
    List<PhysRange> free = without(ram, options.taken());
    FrameAllocator frames = new FrameAllocator(memory, without(free, List.of(pool.range())));
    PageAllocator buffers = options.buffers();
    long endPhys = ram.get(ram.size() - 1).endPhys();
    return new SystemServices(
        options.rules(),
        memory,
        frames,
        buffers == null ? frames : buffers,
        endPhys >>> PAGE_SHIFT,
        options.timers(),
        cpus,
        log,
        pool,
        HardwareObserver.flightRecorder().and(options.observers().hardware()));
  }

  /** Returns how many CPUs there may be. */
  static int cpus(Machine machine) {
    String cpus = machine.property("cpus").orElse("1");
    return cpus.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(cpus) : 1;
  }

  // arch/x86/kernel/e820.c:e820__memblock_setup: parts of frames are not used.
  private static ImmutableList<PhysRange> ram(MemoryMap map) {
    ImmutableList.Builder<PhysRange> ram = ImmutableList.builder();
    long usedEnd = 0;
    for (AddressRange range : map.ram()) {
      long start = Math.max(usedEnd, Pages.alignUp(range.first()));
      long end = Pages.alignDown(range.last() + 1);
      if (range.first() >= 0 && start < end && end <= 1L << PhysicalMemory.ADDRESS_BITS) {
        ram.add(new PhysRange(start, end));
        usedEnd = end;
      }
    }
    ImmutableList<PhysRange> found = ram.build();
    return found.isEmpty() ? ImmutableList.of(ASSUMED_RAM) : found;
  }

  private static List<PhysRange> without(List<PhysRange> ram, List<PhysRange> taken) {
    List<PhysRange> left = new ArrayList<>(ram);
    for (PhysRange hole : taken) {
      List<PhysRange> next = new ArrayList<>();
      for (PhysRange range : left) {
        addIfAny(next, range.startPhys(), Math.min(range.endPhys(), hole.startPhys()));
        addIfAny(next, Math.max(range.startPhys(), hole.endPhys()), range.endPhys());
      }
      left = next;
    }
    return left;
  }

  private static void addIfAny(List<PhysRange> ranges, long startPhys, long endPhys) {
    if (startPhys < endPhys) {
      ranges.add(new PhysRange(startPhys, endPhys));
    }
  }
}

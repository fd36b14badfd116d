package org.iommu4j.iommu;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.policy.SwiotlbPolicy;
import org.iommu4j.machine.Machine;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.swiotlb.SwiotlbRules;

/**
 * Makes the pool of bounce slots that was decided on, where the machine's facts say that it lies.
 *
 * @param machine the facts
 * @param decided whether there is a pool and of what size
 * @param askedSlots how many slots the command line asked for, unsigned, 0 if it did not ask
 */
record PoolSetup(Machine machine, SwiotlbPolicy.Pool decided, long askedSlots) {
  private static final Pattern PLACE = Pattern.compile("0x([0-9a-fA-F]{1,13})-.*");
  private static final long LOW_MEMORY_BYTES = 1L << 32;

  SwiotlbPool pool(SwiotlbRules rules, PhysicalMemory memory, DeviceLog log) {
    long startPhys = decided.active() ? startPhys(memory.ram()) : 0;
    if (startPhys == 0) {
      return decided.announced()
          ? SwiotlbPool.notAllocated(rules, memory, askedSlots, decided.force(), log)
          : SwiotlbPool.absent(rules, memory, askedSlots, decided.force(), log);
    }
    int slots = Math.toIntExact(decided.slots());
    return SwiotlbPool.at(rules, memory, startPhys, slots, decided.force(), log);
  }

  private long startPhys(List<PhysRange> ram) {
    Matcher place = PLACE.matcher(machine.property("swiotlb").orElse(""));
    long startPhys = place.matches() ? Long.parseLong(place.group(1), 16) : 0;
    boolean possible = startPhys != 0 && startPhys + decided.bytes() <= LOW_MEMORY_BYTES;
    return possible && Pages.isAligned(startPhys) ? startPhys : highest(ram);
  }

  // mm/memblock.c:memblock_alloc_low looks from the top; what else is taken there is not known.
  private long highest(List<PhysRange> ram) {
    long found = 0;
    for (PhysRange range : ram) {
      long start = Math.min(range.endPhys(), LOW_MEMORY_BYTES) - decided.bytes();
      if (start >= range.startPhys()) {
        found = Pages.alignDown(start);
      }
    }
    return found;
  }
}

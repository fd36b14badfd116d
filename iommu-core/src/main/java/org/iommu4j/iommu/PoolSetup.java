package org.iommu4j.iommu;

import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.policy.SwiotlbPolicy;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.machine.Machine;
import org.iommu4j.swiotlb.PoolAreas;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.swiotlb.SwiotlbRules;

/**
 * Makes the pool of bounce slots that was decided on, where the machine's facts say that it lies.
 *
 * @param machine the facts
 * @param decided whether there is a pool and of what size
 * @param askedSlots how many slots the command line asked for, unsigned, 0 if it did not ask or the
 *     release forgets it
 * @param panics whether the kernel stops at a mapping that needs a pool which did not fit
 */
record PoolSetup(Machine machine, SwiotlbPolicy.Pool decided, long askedSlots, boolean panics) {
  private static final Pattern PLACE =
      Pattern.compile("0x([0-9a-fA-F]{1,13})-0x([0-9a-fA-F]{1,13})");
  private static final long LOW_MEMORY_BYTES = 1L << 32;

  /** Returns what a release makes. */
  static PoolSetup of(
      Machine machine, SwiotlbPolicy.Pool decided, KernelParameters parameters, KernelRules rules) {
    boolean chained = rules.detection().askedPoolEndsSearch();
    return new PoolSetup(machine, decided, chained ? parameters.swiotlbSlots() : 0, chained);
  }

  SwiotlbPool pool(
      SwiotlbRules rules, PhysicalMemory memory, IntSupplier currentCpu, DeviceLog log) {
    long startPhys = decided.active() ? startPhys(memory.ram()) : 0;
    if (startPhys == 0) {
      return decided.announced() && panics
          ? SwiotlbPool.notAllocated(rules, memory, askedSlots, decided.force(), log)
          : SwiotlbPool.absent(rules, memory, askedSlots, decided.force(), log);
    }
    int slots = Math.toIntExact(decided.slots());
    PoolAreas areas = new PoolAreas(decided.areas(), currentCpu);
    return SwiotlbPool.at(rules, memory, startPhys, slots, areas, decided.force(), log);
  }

  /**
   * Returns what the kernel prints of the pool once the IOMMU is up: nothing if it does not bounce,
   * or if no fact tells where the pool lies.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_print_info}.
   */
  Optional<String> line() {
    if (!decided.announced()) {
      return Optional.empty();
    }
    if (!decided.active()) {
      return Optional.of("software IO TLB: No low mem");
    }
    Matcher place = place();
    if (!place.matches() || end(place) - start(place) != decided.bytes()) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            "software IO TLB: mapped [mem 0x%016x-0x%016x] (%dMB)",
            start(place), end(place), decided.bytes() >>> 20));
  }

  private Matcher place() {
    return PLACE.matcher(machine.property("swiotlb").orElse(""));
  }

  private static long start(Matcher place) {
    return Long.parseLong(place.group(1), 16);
  }

  private static long end(Matcher place) {
    return Long.parseLong(place.group(2), 16);
  }

  private long startPhys(List<PhysRange> ram) {
    Matcher place = place();
    long startPhys = place.matches() ? start(place) : 0;
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

package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.SwiotlbPolicy.Pool;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.swiotlb.PoolShape;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.swiotlb.SwiotlbRules;

/**
 * The decision on a pool that is made whatever else translates, in releases that have no chain of
 * detectors. Used once.
 *
 * <p>Source: {@code arch/x86/kernel/pci-dma.c:pci_swiotlb_detect}, {@code
 * kernel/dma/swiotlb.c:swiotlb_init_remap}.
 */
final class PoolDecision {
  private static final String SOURCE = "kernel/dma/swiotlb.c:swiotlb_init_remap";
  private static final String PREFIX = "software IO TLB: ";

  private final KernelParameters parameters;
  private final MemoryMap memory;
  private final boolean memoryEncryption;
  private final int cpus;
  private final SwiotlbRules rules;
  private final ImmutableList.Builder<String> because = ImmutableList.builder();
  private final ImmutableList.Builder<String> log = ImmutableList.builder();

  PoolDecision(
      KernelParameters parameters,
      MemoryMap memory,
      boolean memoryEncryption,
      int cpus,
      SwiotlbRules rules) {
    this.parameters = parameters;
    this.memory = memory;
    this.memoryEncryption = memoryEncryption;
    this.cpus = cpus;
    this.rules = rules;
  }

  Pool run() {
    SwiotlbForce force = parameters.swiotlbForce();
    boolean enabled = isEnabled();
    if (force == SwiotlbForce.FORCE) {
      because.add("swiotlb=force asks for a pool");
    }
    if (force == SwiotlbForce.NO_FORCE) {
      because.add("swiotlb=noforce: none is made");
      return none(enabled);
    }
    return enabled || force == SwiotlbForce.FORCE ? made(enabled) : none(enabled);
  }

  // arch/x86/kernel/pci-dma.c:pci_swiotlb_detect, iommu_setup.
  private boolean isEnabled() {
    boolean above = SwiotlbPolicy.isAbove4Gib(memory);
    because.add(SwiotlbPolicy.end(memory));
    if (above && parameters.noIommu()) {
      because.add("iommu=off: memory above 4 GiB does not count");
    }
    if (parameters.swiotlbRequested()) {
      because.add("iommu=soft asks for a pool");
    }
    if (memoryEncryption) {
      because.add("memory encryption is active");
    }
    return (above && !parameters.noIommu()) || parameters.swiotlbRequested() || memoryEncryption;
  }

  private PoolShape shape() {
    long slots = parameters.swiotlbSlotsAsked();
    int areas = parameters.swiotlbAreas();
    return areas == PoolShape.AREAS_NOT_ASKED
        ? PoolShape.of(rules, slots, areas, cpus, log::add)
        : new PoolShape(slots, areas).limited(rules);
  }

  private Pool made(boolean enabled) {
    PoolShape wanted = shape();
    PoolShape shape = wanted;
    while (!SwiotlbPolicy.fits(memory, shape.slots())) {
      long bytes = shape.slots() * SwiotlbPool.SLOT_BYTES;
      log.add(
          PREFIX
              + "swiotlb_memblock_alloc: Failed to allocate "
              + Long.toUnsignedString(bytes)
              + " bytes tlb structure");
      PoolShape smaller = shape.smaller(rules);
      if (smaller.equals(shape)) {
        because.add("no memory below 4 GiB holds that much");
        return none(enabled);
      }
      shape = smaller;
    }
    tellOfSize(wanted.slots(), shape.slots());
    return new Pool(
        enabled,
        true,
        shape.slots(),
        shape.areas(),
        parameters.swiotlbForce(),
        null,
        log.build(),
        decision(SwiotlbPolicy.size(shape.slots())));
  }

  private void tellOfSize(long wanted, long slots) {
    if (parameters.swiotlbSlots() != 0) {
      because.add("swiotlb= sets the size to " + Long.toUnsignedString(wanted) + " slots");
    }
    if (slots != wanted) {
      because.add("the largest part of it is taken that memory below 4 GiB holds");
      log.add(
          String.format(
              PREFIX + "SWIOTLB bounce buffer size adjusted %s -> %d slabs",
              Long.toUnsignedString(wanted),
              slots));
    }
  }

  private Pool none(boolean enabled) {
    SwiotlbForce force =
        parameters.swiotlbForce() == SwiotlbForce.NO_FORCE
            ? SwiotlbForce.NO_FORCE
            : SwiotlbForce.NORMAL;
    return new Pool(enabled, false, 0, 0, force, null, log.build(), decision("no pool"));
  }

  private Decision decision(String outcome) {
    return new Decision(SwiotlbPolicy.RULE, outcome, because.build(), SOURCE);
  }
}

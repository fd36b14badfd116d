package org.iommu4j.swiotlb;

import java.util.Objects;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.PhysRange;

/** What there is to know of a pool of bounce slots. Thread-safe. */
abstract sealed class PoolFacts permits SwiotlbPool {
  private final int segmentSlots;
  private final SlotAreas slots;
  private final SwiotlbForce force;
  private final boolean isLookedFor;

  PoolFacts(SwiotlbRules rules, SlotAreas slots, SwiotlbForce force) {
    this.segmentSlots = rules.segmentSlots();
    this.slots = slots;
    this.force = Objects.requireNonNull(force, "force");
    this.isLookedFor = rules.absence() == SwiotlbRules.Absence.LOOKED_FOR;
  }

  /** Returns whether direct mappings bounce always, at need, or never. */
  public final SwiotlbForce force() {
    return force;
  }

  /**
   * Returns whether direct mappings bounce that need not.
   *
   * <p>Source: {@code include/linux/swiotlb.h:is_swiotlb_force_bounce}.
   */
  public final boolean bouncesAlways() {
    return force == SwiotlbForce.FORCE && (isLookedFor || isActive());
  }

  /**
   * Returns whether direct mappings bounce that have to, or are refused for want of slots.
   *
   * <p>Source: {@code kernel/dma/direct.h:dma_direct_map_page}.
   */
  public final boolean bouncesAtNeed() {
    return isLookedFor ? force != SwiotlbForce.NO_FORCE : isActive();
  }

  /**
   * Returns whether there is a pool.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:is_swiotlb_active}.
   */
  public final boolean isActive() {
    return slots.endPhys() != 0;
  }

  /** Returns where the slots lie; an empty range if there are none. */
  public final PhysRange range() {
    return new PhysRange(slots.startPhys(), slots.endPhys());
  }

  /** Returns how many slots there are, the kernel's unsigned {@code io_tlb_nslabs}. */
  public final long totalSlots() {
    return slots.claimedSlots();
  }

  /** Returns how many slots are in use, the kernel's {@code io_tlb_used}. */
  public final int usedSlots() {
    return slots.usedSlots();
  }

  /**
   * Returns whether an address lies in the pool.
   *
   * <p>Source: {@code include/linux/swiotlb.h:is_swiotlb_buffer}.
   */
  public final boolean contains(long phys) {
    return slots.contains(phys);
  }

  /**
   * Returns the size of the largest mapping that this device can have, in bytes.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_max_mapping_size}.
   */
  public final long maxMappingSizeBytes(Device device) {
    int kept = device.minAlignMask();
    int lost = (kept + SlotTable.SLOT_BYTES - 1) / SlotTable.SLOT_BYTES * SlotTable.SLOT_BYTES;
    return (long) SlotTable.SLOT_BYTES * segmentSlots - lost;
  }

  /** Throws {@link AssertionError} unless counters and slots agree. */
  public final void checkInvariants() {
    slots.checkInvariants();
  }
}

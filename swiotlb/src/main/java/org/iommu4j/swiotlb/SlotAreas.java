package org.iommu4j.swiotlb;

import java.util.function.IntSupplier;

/**
 * The areas of a pool. A CPU takes slots of its own area, and of the next ones if that has none;
 * slots are counted from the pool's first.
 *
 * <p>Thread-safe; each area has a lock of its own.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_find_slots}.
 */
final class SlotAreas {
  private final long startPhys;
  private final long endPhys;
  private final int areaSlots;
  private final long claimedSlots;
  private final SlotTable[] areas;
  private final IntSupplier currentCpu;
  private final SlotOrigins origins;

  /**
   * Makes areas of slots that are all free.
   *
   * @param areas how many areas there are, of the same size
   * @param currentCpu which CPU takes slots
   */
  SlotAreas(SwiotlbRules rules, long startPhys, int totalSlots, int areas, IntSupplier currentCpu) {
    this(rules, startPhys, totalSlots, totalSlots, areas, currentCpu);
  }

  private SlotAreas(
      SwiotlbRules rules,
      long startPhys,
      int totalSlots,
      long claimedSlots,
      int areas,
      IntSupplier currentCpu) {
    this.startPhys = startPhys;
    this.endPhys = startPhys + ((long) totalSlots << SlotTable.SLOT_SHIFT);
    this.areaSlots = totalSlots / areas;
    this.claimedSlots = claimedSlots;
    this.areas = new SlotTable[areas];
    this.currentCpu = currentCpu;
    this.origins = new SlotOrigins(totalSlots, rules.bounds() != SwiotlbRules.Bounds.UNCHECKED);
    for (int i = 0; i < areas; i++) {
      long claimed = areas == 1 ? claimedSlots : areaSlots;
      this.areas[i] = new SlotTable(rules, startPhys, i * areaSlots, areaSlots, claimed, origins);
    }
  }

  /**
   * Makes what the kernel has if it made no pool: no slots, but a number of them.
   *
   * @param claimedSlots the number, unsigned
   */
  static SlotAreas none(SwiotlbRules rules, long claimedSlots) {
    return new SlotAreas(rules, 0, 0, claimedSlots, 1, () -> 0);
  }

  long startPhys() {
    return startPhys;
  }

  /** Returns the address after the last slot. */
  long endPhys() {
    return endPhys;
  }

  /** Returns whether an address lies in the pool. */
  boolean contains(long phys) {
    return phys >= startPhys && phys < endPhys;
  }

  /** Returns the kernel's {@code nslabs}, unsigned. */
  long claimedSlots() {
    return claimedSlots;
  }

  /** Returns how many slots are in use. */
  int usedSlots() {
    int used = 0;
    for (SlotTable area : areas) {
      used += area.usedSlots();
    }
    return used;
  }

  /** Returns whose bytes the slots hold. */
  SlotOrigins origins() {
    return origins;
  }

  /** Takes a run of slots of one area, as {@link SlotTable#allocate} does. */
  int allocate(long phys, long bytes, int allocAlignMask, int minAlignMask, long boundaryMask) {
    int area = areas.length == 1 ? 0 : currentCpu.getAsInt() & (areas.length - 1);
    for (int tried = 0; tried < areas.length; tried++) {
      int index = areas[area].allocate(phys, bytes, allocAlignMask, minAlignMask, boundaryMask);
      if (index != SlotTable.NONE) {
        return area * areaSlots + index;
      }
      area = area + 1 == areas.length ? 0 : area + 1;
    }
    return SlotTable.NONE;
  }

  /** From here on slots may be given back that are not in use, or that somebody else uses. */
  void allowStrays() {
    for (SlotTable area : areas) {
      area.allowStrays();
    }
  }

  /** Gives a run of slots back, as {@link SlotTable#release} does. */
  void release(int index, int slots) {
    if (areas.length == 1) {
      areas[0].release(index, slots);
    } else {
      areas[index / areaSlots].release(index % areaSlots, slots);
    }
  }

  /** Checks each area. */
  void checkInvariants() {
    for (SlotTable area : areas) {
      area.checkInvariants();
    }
  }
}

package org.iommu4j.swiotlb;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.PhysicalMemory;

/**
 * Where in a pool the copies of buffers lie, and the moves between a buffer and its copy.
 *
 * <p>In a slot, a copy begins at its buffer's own offset as far as the device's {@link
 * Device#minAlignMask} says, else at the slot's beginning.
 *
 * <p>Thread-safe, as far as two threads do not use the same copy.
 */
final class SlotCopies {
  /** What {@link #take} returns if no run of slots fits. */
  static final long NONE = -1L;

  private static final int SLOT_MASK = SlotTable.SLOT_BYTES - 1;

  private final PhysicalMemory memory;
  private final SlotTable slots;
  private final long startPhys;
  private final long endPhys;

  SlotCopies(PhysicalMemory memory, SlotTable slots) {
    this.memory = memory;
    this.slots = slots;
    startPhys = slots.startPhys();
    endPhys = slots.endPhys();
  }

  /** Returns whether an address lies in the pool. */
  boolean contains(long phys) {
    return phys >= startPhys && phys < endPhys;
  }

  /**
   * Takes slots for a buffer's copy and notes whose they are; returns the copy's address, or {@link
   * #NONE}.
   */
  long take(Device device, long origPhys, long allocBytes) {
    int offset = offsetInSlot(device, origPhys);
    long bytes = allocBytes + offset;
    SwiotlbCalls.FindSlots call = begun(SwiotlbCalls.FindSlots.OFF);
    int index =
        slots.allocate(origPhys, bytes, device.minAlignMask(), device.segmentBoundaryMask());
    call.done(origPhys, bytes, index);
    if (index == SlotTable.NONE) {
      return NONE;
    }
    if (device.minAlignMask() != 0) {
      slots.allowStrays();
    }
    slots.origins().set(index, SlotTable.slotsOf(bytes), origPhys);
    return startPhys + ((long) index << SlotTable.SLOT_SHIFT) + offset;
  }

  /**
   * Gives slots back that hold so many bytes from this address on, be they the ones that were taken
   * or not: bounce operations know the page of a copy only, and where a device wants an offset kept
   * the kernel then finds other slots, free ones or somebody else's.
   */
  void giveBack(Device device, long tlbPhys, long allocBytes) {
    slots.release(indexOf(tlbPhys), SlotTable.slotsOf(allocBytes + offsetInSlot(device, tlbPhys)));
  }

  /**
   * Returns the original address of the first byte of a copy's slot, or {@link SlotOrigins#NONE}.
   */
  long slotOrigin(long tlbPhys) {
    return slots.origins().get(indexOf(tlbPhys));
  }

  /** Returns the original address of a byte within a copy, or {@link SlotOrigins#NONE}. */
  long origin(Device device, long tlbPhys) {
    long slotOrigin = slotOrigin(tlbPhys);
    if (slotOrigin == SlotOrigins.NONE) {
      return slotOrigin;
    }
    return slotOrigin + (tlbPhys & SLOT_MASK) - offsetInSlot(device, slotOrigin);
  }

  /**
   * Moves bytes between a buffer and its copy.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_bounce}.
   */
  void move(long fromPhys, long toPhys, long sizeBytes) {
    SwiotlbCalls.Bounce call = begun(SwiotlbCalls.Bounce.OFF);
    memory.copy(fromPhys, toPhys, sizeBytes);
    call.done(fromPhys, toPhys, sizeBytes);
  }

  /**
   * Returns where in a slot the byte at an address lies.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_align_offset}.
   */
  private static int offsetInSlot(Device device, long phys) {
    return (int) phys & device.minAlignMask() & SLOT_MASK;
  }

  private int indexOf(long tlbPhys) {
    if (!contains(tlbPhys)) {
      throw new IllegalArgumentException(
          String.format("0x%x is not in [0x%x, 0x%x)", tlbPhys, startPhys, endPhys));
    }
    return (int) ((tlbPhys - startPhys) >>> SlotTable.SLOT_SHIFT);
  }
}

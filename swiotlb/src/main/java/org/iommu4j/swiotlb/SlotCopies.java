package org.iommu4j.swiotlb;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.PhysicalMemory;

/**
 * Where in a pool the copies of buffers lie, and the moves between a buffer and its copy.
 *
 * <p>A copy begins at its buffer's own offset as far as the device's {@link Device#minAlignMask}
 * says, else at the beginning of a slot.
 *
 * <p>Thread-safe, as far as two threads do not use the same copy.
 */
abstract class SlotCopies {
  /** What {@link #take} returns if no run of slots fits. */
  static final long NONE = -1L;

  static final int SLOT_MASK = SlotTable.SLOT_BYTES - 1;

  private final PhysicalMemory memory;
  private final SlotAreas slots;
  private final long startPhys;

  SlotCopies(PhysicalMemory memory, SlotAreas slots) {
    this.memory = memory;
    this.slots = slots;
    startPhys = slots.startPhys();
  }

  final SlotAreas slots() {
    return slots;
  }

  final SlotOrigins origins() {
    return slots.origins();
  }

  /**
   * Takes slots for a buffer's copy and notes whose they are; returns the copy's address, or {@link
   * #NONE}.
   *
   * @param mappingBytes how large the buffer is
   * @param allocBytes how many bytes the caller asks for
   * @param allocAlignMask the low bits of the slots' address that are to be 0
   */
  abstract long take(
      Device device, long origPhys, long mappingBytes, long allocBytes, int allocAlignMask);

  /** Returns the size that is told if no run of slots fits, given what {@link #take} was. */
  abstract long toldBytes(
      Device device, long origPhys, long mappingBytes, long allocBytes, int allocAlignMask);

  /** Takes a run of slots; returns the first, or {@link SlotTable#NONE}. */
  final int allocate(Device device, long origPhys, long bytes, int allocAlignMask) {
    SwiotlbCalls.FindSlots call = begun(SwiotlbCalls.FindSlots.OFF);
    int index =
        slots.allocate(
            origPhys, bytes, allocAlignMask, device.minAlignMask(), device.segmentBoundaryMask());
    call.done(origPhys, bytes, index);
    return index;
  }

  /** Copies what the device may have written, as the copy is about to go. */
  abstract void copyBack(Device device, long tlbPhys, long sizeBytes);

  /**
   * Gives the slots of a copy back.
   *
   * @param allocBytes how many bytes the caller says that they hold
   */
  abstract void giveBack(Device device, long tlbPhys, long allocBytes);

  /** Copies part of a copy to its buffer; nothing if its slot is not in use. */
  abstract void toBuffer(Device device, long tlbPhys, long sizeBytes);

  /** Copies part of a buffer to its copy; nothing if its slot is not in use. */
  abstract void toCopy(Device device, long tlbPhys, long sizeBytes);

  /** Returns the address of a slot. */
  final long addressOf(int index) {
    return startPhys + ((long) index << SlotTable.SLOT_SHIFT);
  }

  /**
   * Moves bytes between a buffer and its copy.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_bounce}.
   */
  final void move(long fromPhys, long toPhys, long sizeBytes) {
    SwiotlbCalls.Bounce call = begun(SwiotlbCalls.Bounce.OFF);
    memory.copy(fromPhys, toPhys, sizeBytes);
    call.done(fromPhys, toPhys, sizeBytes);
  }

  /**
   * Returns where in a slot the byte at an address lies.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_align_offset}.
   */
  static int offsetInSlot(Device device, long phys) {
    return (int) phys & device.minAlignMask() & SLOT_MASK;
  }

  /** Returns the slot that an address lies in; {@link IllegalArgumentException} if in none. */
  final int indexOf(long tlbPhys) {
    if (!slots.contains(tlbPhys)) {
      throw new IllegalArgumentException(
          String.format("0x%x is not in [0x%x, 0x%x)", tlbPhys, startPhys, slots.endPhys()));
    }
    return (int) ((tlbPhys - startPhys) >>> SlotTable.SLOT_SHIFT);
  }
}

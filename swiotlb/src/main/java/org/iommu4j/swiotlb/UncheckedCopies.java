package org.iommu4j.swiotlb;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.PhysicalMemory;

/** Copies whose size only those know who asked for them. */
final class UncheckedCopies extends SlotCopies {
  UncheckedCopies(PhysicalMemory memory, SlotAreas slots) {
    super(memory, slots);
  }

  @Override
  long take(Device device, long origPhys, long mappingBytes, long allocBytes, int allocAlignMask) {
    int offset = offsetInSlot(device, origPhys);
    long bytes = allocBytes + offset;
    int index = allocate(device, origPhys, bytes, allocAlignMask);
    if (index == SlotTable.NONE) {
      return NONE;
    }
    if (device.minAlignMask() != 0) {
      slots().allowStrays();
    }
    origins().set(index, SlotTable.slotsOf(bytes), origPhys);
    return addressOf(index) + offset;
  }

  @Override
  long toldBytes(
      Device device, long origPhys, long mappingBytes, long allocBytes, int allocAlignMask) {
    return allocBytes;
  }

  @Override
  void copyBack(Device device, long tlbPhys, long sizeBytes) {
    long origPhys = origins().get(indexOf(tlbPhys));
    if (origPhys != SlotOrigins.NONE) {
      move(tlbPhys, origPhys, sizeBytes);
    }
  }

  /**
   * Gives slots back that hold so many bytes from this address on, be they the ones that were taken
   * or not: bounce operations know the page of a copy only, and where a device wants an offset kept
   * the kernel then finds other slots, free ones or somebody else's.
   */
  @Override
  void giveBack(Device device, long tlbPhys, long allocBytes) {
    int slotCount = SlotTable.slotsOf(allocBytes + offsetInSlot(device, tlbPhys));
    slots().release(indexOf(tlbPhys), slotCount);
  }

  @Override
  void toBuffer(Device device, long tlbPhys, long sizeBytes) {
    long origPhys = origin(device, tlbPhys);
    if (origPhys != SlotOrigins.NONE) {
      move(tlbPhys, origPhys, sizeBytes);
    }
  }

  @Override
  void toCopy(Device device, long tlbPhys, long sizeBytes) {
    long origPhys = origin(device, tlbPhys);
    if (origPhys != SlotOrigins.NONE) {
      move(origPhys, tlbPhys, sizeBytes);
    }
  }

  /** Returns the original address of a byte within a copy, or {@link SlotOrigins#NONE}. */
  private long origin(Device device, long tlbPhys) {
    long slotOrigin = origins().get(indexOf(tlbPhys));
    if (slotOrigin == SlotOrigins.NONE) {
      return slotOrigin;
    }
    return slotOrigin + (tlbPhys & SLOT_MASK) - offsetInSlot(device, slotOrigin);
  }
}

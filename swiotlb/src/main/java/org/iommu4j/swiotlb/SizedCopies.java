package org.iommu4j.swiotlb;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.swiotlb.SwiotlbRules.Bounds;
import org.iommu4j.swiotlb.SwiotlbRules.Placement;

/** Copies whose slots remember how large they are, so that no move leaves them. */
final class SizedCopies extends SlotCopies {
  private final boolean beginsFurtherOn;
  private final boolean refusesBeforeOffset;
  private final SwiotlbReports reports;

  SizedCopies(SwiotlbRules rules, PhysicalMemory memory, SlotAreas slots, SwiotlbReports reports) {
    super(memory, slots);
    this.beginsFurtherOn = rules.placement() == Placement.FROM_ALIGNED_SLOT;
    this.refusesBeforeOffset = rules.bounds() == Bounds.FROM_OFFSET;
    this.reports = reports;
  }

  @Override
  long take(Device device, long origPhys, long mappingBytes, long allocBytes, int allocAlignMask) {
    int offset = offset(device, origPhys, allocAlignMask);
    long bytes = bytes(offset, mappingBytes, allocBytes, allocAlignMask);
    int index = allocate(device, origPhys, bytes, allocAlignMask);
    if (index == SlotTable.NONE) {
      return NONE;
    }
    int slotCount = SlotTable.slotsOf(bytes);
    int pad = offset >>> SlotTable.SLOT_SHIFT;
    origins().setSize(index, slotCount, bytes - offsetInSlot(device, origPhys), pad);
    origins().set(index + pad, slotCount - pad, origPhys);
    return addressOf(index + pad) + (offset & SLOT_MASK);
  }

  private int offset(Device device, long origPhys, int allocAlignMask) {
    return beginsFurtherOn
        ? (int) origPhys & device.minAlignMask() & (allocAlignMask | SLOT_MASK)
        : offsetInSlot(device, origPhys);
  }

  private long bytes(int offset, long mappingBytes, long allocBytes, int allocAlignMask) {
    return beginsFurtherOn
        ? (mappingBytes + offset + allocAlignMask) & ~(long) allocAlignMask
        : allocBytes + offset;
  }

  @Override
  long toldBytes(
      Device device, long origPhys, long mappingBytes, long allocBytes, int allocAlignMask) {
    int offset = beginsFurtherOn ? offset(device, origPhys, allocAlignMask) : 0;
    return bytes(offset, mappingBytes, allocBytes, allocAlignMask);
  }

  @Override
  void copyBack(Device device, long tlbPhys, long sizeBytes) {
    toBuffer(device, tlbPhys, sizeBytes);
  }

  /** Source: {@code kernel/dma/swiotlb.c:swiotlb_release_slots}. */
  @Override
  void giveBack(Device device, long tlbPhys, long allocBytes) {
    int offset = offsetInSlot(device, tlbPhys);
    int begin = indexOf(tlbPhys - offset);
    int index = begin - origins().padSlots(begin);
    slots().release(index, SlotTable.slotsOf(origins().restBytes(index) + offset));
  }

  @Override
  void toBuffer(Device device, long tlbPhys, long sizeBytes) {
    bounce(device, tlbPhys, sizeBytes, true);
  }

  @Override
  void toCopy(Device device, long tlbPhys, long sizeBytes) {
    bounce(device, tlbPhys, sizeBytes, false);
  }

  private void bounce(Device device, long tlbPhys, long sizeBytes, boolean toBuffer) {
    int index = indexOf(tlbPhys);
    long slotOrigin = origins().get(index);
    if (slotOrigin == SlotOrigins.NONE) {
      return;
    }
    int offset = offsetInSlot(device, slotOrigin);
    long into = (tlbPhys & SLOT_MASK) - offset;
    long restBytes = origins().restBytes(index);
    if (refusesBeforeOffset && into < 0) {
      reports.beforeStart(device, offset, into + offset);
      return;
    }
    if (refusesBeforeOffset && Long.compareUnsigned(into, restBytes) > 0) {
      reports.pastEnd(device, restBytes, sizeBytes, into);
      return;
    }
    long leftBytes = restBytes - into;
    long bytes = sizeBytes;
    if (Long.compareUnsigned(sizeBytes, leftBytes) > 0) {
      reports.tooMuch(device, leftBytes, sizeBytes);
      bytes = leftBytes;
    }
    long origPhys = slotOrigin + into;
    move(toBuffer ? tlbPhys : origPhys, toBuffer ? origPhys : tlbPhys, bytes);
  }
}

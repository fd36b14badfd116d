package org.iommu4j.swiotlb;

import java.util.Objects;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaReach;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;

/**
 * The pool of bounce slots of one system, or the fact that it has none.
 *
 * <p>A mapping takes a run of slots that lie one after the other and copies the buffer to them,
 * whatever its direction, so that a device which writes less than it should hands out no bytes of
 * an earlier mapping. Syncs and the unmapping copy back what the direction allows. In a slot, a
 * buffer begins at its own offset as far as the device's {@link Device#minAlignMask} says, else at
 * the slot's beginning.
 *
 * <p>Thread-safe, as far as two threads do not use the same mapping; copies are made outside the
 * one lock, which {@code SlotTable} has. Allocates nothing unless something fails.
 *
 * <p>A search that the kernel never ends, with interrupts off (no slot left that agrees with a
 * device's {@link Device#minAlignMask} of more than a slot, but enough slots free), fails here like
 * one in a full pool.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c}.
 */
public final class SwiotlbPool {
  /** The size of a slot in bytes. */
  public static final int SLOT_BYTES = SlotTable.SLOT_BYTES;

  /** The largest number of slots that one mapping may take. */
  public static final int SEGMENT_SLOTS = SlotTable.SEGMENT_SLOTS;

  private static final int PAGE_MASK = PhysicalMemory.FRAME_BYTES - 1;

  private final PhysicalMemory memory;
  private final long startPhys;
  private final long endPhys;
  private final long totalSlots;
  private final SwiotlbForce force;
  private final boolean panics;
  private final SlotTable slots;
  private final SwiotlbReports reports;

  /** Whether some mapping began where its buffer does; never false again. */
  private volatile boolean keptOffset;

  private SwiotlbPool(
      PhysicalMemory memory,
      SlotTable slots,
      long totalSlots,
      SwiotlbForce force,
      boolean panics,
      DeviceLog log) {
    this.memory = Objects.requireNonNull(memory, "memory");
    this.startPhys = slots.startPhys();
    this.endPhys = startPhys + (long) slots.totalSlots() * SLOT_BYTES;
    this.totalSlots = totalSlots;
    this.force = Objects.requireNonNull(force, "force");
    this.panics = panics;
    this.slots = slots;
    this.reports = new SwiotlbReports(log);
  }

  /**
   * Makes a pool, and sets its memory to zeros.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_init_with_tbl}.
   *
   * @param startPhys where it begins, a multiple of 4096
   * @param totalSlots how many slots it has: a multiple of 128 as the command line's numbers are
   *     rounded to, or 1 as {@code noforce} leaves
   */
  public static SwiotlbPool at(
      PhysicalMemory memory, long startPhys, int totalSlots, SwiotlbForce force, DeviceLog log) {
    boolean sized = totalSlots > 0 && (totalSlots == 1 || totalSlots % SEGMENT_SLOTS == 0);
    if (!sized || startPhys < 0 || (startPhys & PAGE_MASK) != 0) {
      throw new IllegalArgumentException(
          String.format("%d slots at 0x%x are no pool of bounce slots", totalSlots, startPhys));
    }
    memory.fill(startPhys, (long) totalSlots * SLOT_BYTES, (byte) 0);
    SlotTable slots = new SlotTable(startPhys, totalSlots);
    return new SwiotlbPool(memory, slots, totalSlots, force, false, log);
  }

  /**
   * Makes what a system without a pool has: every mapping fails. It does as in a full pool, unless
   * the pool that was asked for would have held it: the kernel then looks into the list of a pool
   * that was never made, and its last words tell.
   *
   * @param askedSlots how many slots the command line asked for, unsigned, 0 if it did not ask
   */
  public static SwiotlbPool absent(
      PhysicalMemory memory, long askedSlots, SwiotlbForce force, DeviceLog log) {
    return new SwiotlbPool(memory, new SlotTable(0, 0), askedSlots, force, false, log);
  }

  /**
   * Makes what a system has whose pool did not fit into memory: every mapping fails, with the last
   * words of a kernel that goes no further then.
   *
   * @param askedSlots how many slots the command line asked for, 0 if it did not ask
   */
  public static SwiotlbPool notAllocated(
      PhysicalMemory memory, long askedSlots, SwiotlbForce force, DeviceLog log) {
    return new SwiotlbPool(memory, new SlotTable(0, 0), askedSlots, force, true, log);
  }

  /** Returns whether direct mappings bounce always, at need, or never. */
  public SwiotlbForce force() {
    return force;
  }

  /**
   * Returns whether there is a pool.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:is_swiotlb_active}.
   */
  public boolean isActive() {
    return endPhys != 0;
  }

  /** Returns where the slots lie; an empty range if there are none. */
  public PhysRange range() {
    return new PhysRange(startPhys, endPhys);
  }

  /** Returns how many slots there are, the kernel's unsigned {@code io_tlb_nslabs}. */
  public long totalSlots() {
    return totalSlots;
  }

  /** Returns how many slots are in use, the kernel's {@code io_tlb_used}. */
  public int usedSlots() {
    return slots.usedSlots();
  }

  /**
   * Returns whether an address lies in the pool.
   *
   * <p>Source: {@code include/linux/swiotlb.h:is_swiotlb_buffer}.
   */
  public boolean contains(long phys) {
    return phys >= startPhys && phys < endPhys;
  }

  /**
   * Returns the size of the largest mapping that this device can have, in bytes.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_max_mapping_size}.
   */
  public static long maxMappingSizeBytes(Device device) {
    int kept = device.minAlignMask();
    int lost = (kept + SLOT_BYTES - 1) / SLOT_BYTES * SLOT_BYTES;
    return (long) SLOT_BYTES * SEGMENT_SLOTS - lost;
  }

  /**
   * Takes slots for a buffer and copies it there.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_tbl_map_single}.
   *
   * @param origPhys the physical address of the buffer
   * @param mappingBytes how many bytes are copied
   * @param allocBytes how many bytes the slots must hold; {@link IllegalArgumentException} if that
   *     makes no slot
   * @param attributes bits of {@link DmaAttributes}; of these, only {@code NO_WARN} counts
   * @return the physical address of the copy, or {@link DmaMapping#MAPPING_ERROR} if no run of
   *     slots fits or {@code mappingBytes} is the larger one
   */
  public long mapSingle(
      Device device, long origPhys, long mappingBytes, long allocBytes, int attributes) {
    SwiotlbCalls.TblMapSingle call = SwiotlbCalls.TblMapSingle.begun();
    long tlbPhys = mapCopy(device, origPhys, mappingBytes, allocBytes, attributes);
    call.done(device, origPhys, mappingBytes, allocBytes, attributes, tlbPhys);
    return tlbPhys;
  }

  private long mapCopy(
      Device device, long origPhys, long mappingBytes, long allocBytes, int attributes) {
    if (panics) {
      reports.panic();
      return DmaMapping.MAPPING_ERROR;
    }
    if (Long.compareUnsigned(mappingBytes, allocBytes) > 0) {
      reports.invalidSizes(device, mappingBytes, allocBytes);
      return DmaMapping.MAPPING_ERROR;
    }
    int offset = alignOffset(device, origPhys);
    if (!isActive() && wouldHold(allocBytes + offset)) {
      reports.nullPointer(device, origPhys);
      return DmaMapping.MAPPING_ERROR;
    }
    int index = allocate(device, origPhys, allocBytes + offset);
    if (index == SlotTable.NONE) {
      if ((attributes & DmaAttributes.NO_WARN) == 0) {
        reports.full(device, allocBytes, totalSlots, usedSlots());
      }
      return DmaMapping.MAPPING_ERROR;
    }
    if (!keptOffset && (origPhys & device.minAlignMask()) != 0) {
      keptOffset = true;
    }
    slots.setOrigin(index, SlotTable.slotsOf(allocBytes + offset), origPhys);
    long tlbPhys = startPhys + ((long) index << SlotTable.SLOT_SHIFT) + offset;
    bounce(origPhys, tlbPhys, mappingBytes);
    return tlbPhys;
  }

  private boolean wouldHold(long bytes) {
    return bytes > 0 && Long.compareUnsigned(SlotTable.slotsOf(bytes), totalSlots) <= 0;
  }

  private int allocate(Device device, long origPhys, long bytes) {
    if (bytes == 0) {
      throw new IllegalArgumentException(
          String.format("the buffer of no bytes at 0x%x has no slot", origPhys));
    }
    if (bytes < 0) {
      return SlotTable.NONE;
    }
    SwiotlbCalls.FindSlots call = SwiotlbCalls.FindSlots.begun();
    int index =
        slots.allocate(origPhys, bytes, device.minAlignMask(), device.segmentBoundaryMask());
    call.done(origPhys, bytes, index);
    return index;
  }

  private void bounce(long fromPhys, long toPhys, long sizeBytes) {
    SwiotlbCalls.Bounce call = SwiotlbCalls.Bounce.begun();
    memory.copy(fromPhys, toPhys, sizeBytes);
    call.done(fromPhys, toPhys, sizeBytes);
  }

  /** Returns where in a slot the byte at an address lies. */
  private static int alignOffset(Device device, long phys) {
    return (int) phys & device.minAlignMask() & (SLOT_BYTES - 1);
  }

  private int indexOf(long tlbPhys) {
    if (!contains(tlbPhys)) {
      throw new IllegalArgumentException(
          String.format("0x%x is not in [0x%x, 0x%x)", tlbPhys, startPhys, endPhys));
    }
    return (int) ((tlbPhys - startPhys) >>> SlotTable.SLOT_SHIFT);
  }

  /**
   * Copies the data back, if the device may have written it and {@code SKIP_CPU_SYNC} is not set,
   * and gives the slots back that the sizes make: those sizes that {@link #mapSingle} was given.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_tbl_unmap_single}.
   *
   * @param tlbPhys what {@link #mapSingle} returned; {@link IllegalArgumentException} if its slots
   *     are not in use, unless some mapping kept its offset for a {@link Device#minAlignMask}: then
   *     the slots that are there are given back as the kernel does it
   */
  public void unmapSingle(
      Device device,
      long tlbPhys,
      long mappingBytes,
      long allocBytes,
      DmaDirection direction,
      int attributes) {
    SwiotlbCalls.TblUnmapSingle call = SwiotlbCalls.TblUnmapSingle.begun();
    int offset = alignOffset(device, tlbPhys);
    int index = indexOf(tlbPhys - offset);
    long origPhys = slots.origPhys(index);
    if (origPhys != SlotTable.NO_ORIGIN
        && (attributes & DmaAttributes.SKIP_CPU_SYNC) == 0
        && direction.deviceWrites()) {
      bounce(tlbPhys, origPhys, mappingBytes);
    }
    release(index, SlotTable.slotsOf(allocBytes + offset));
    call.done(device, tlbPhys, mappingBytes, allocBytes, direction, attributes);
  }

  // Bounce operations give slots back by the address of the page, where a kept offset is lost. The
  // kernel then takes other slots for them, be they free or somebody else's, and so does this, even
  // if the device wants no offset kept any more.
  private void release(int index, int count) {
    if (keptOffset) {
      slots.releaseUnchecked(index, count);
    } else {
      slots.release(index, count);
    }
  }

  /**
   * Copies part of a mapping back to its buffer, if the device may have written it.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_tbl_sync_single}.
   *
   * @param tlbPhys the first byte in the pool; nothing happens if its slot is not in use
   */
  public void syncForCpu(Device device, long tlbPhys, long sizeBytes, DmaDirection direction) {
    SwiotlbCalls.TblSyncSingle call = SwiotlbCalls.TblSyncSingle.begun();
    long origPhys = origin(device, tlbPhys);
    if (origPhys != SlotTable.NO_ORIGIN && direction.deviceWrites()) {
      bounce(tlbPhys, origPhys, sizeBytes);
    }
    call.done(device, tlbPhys, sizeBytes, direction, "SYNC_FOR_CPU");
  }

  /**
   * Copies part of a buffer to its slots again, if the device may read it.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_tbl_sync_single}.
   *
   * @param tlbPhys the first byte in the pool; nothing happens if its slot is not in use
   */
  public void syncForDevice(Device device, long tlbPhys, long sizeBytes, DmaDirection direction) {
    SwiotlbCalls.TblSyncSingle call = SwiotlbCalls.TblSyncSingle.begun();
    long origPhys = origin(device, tlbPhys);
    if (origPhys != SlotTable.NO_ORIGIN && direction.deviceReads()) {
      bounce(origPhys, tlbPhys, sizeBytes);
    }
    call.done(device, tlbPhys, sizeBytes, direction, "SYNC_FOR_DEVICE");
  }

  private long origin(Device device, long tlbPhys) {
    long slotOrigin = slots.origPhys(indexOf(tlbPhys));
    if (slotOrigin == SlotTable.NO_ORIGIN) {
      return slotOrigin;
    }
    return slotOrigin + (tlbPhys & (SLOT_BYTES - 1)) - alignOffset(device, slotOrigin);
  }

  /**
   * Bounces a buffer for direct mapping.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_map}.
   *
   * @return the copy's address for the device, or {@link DmaMapping#MAPPING_ERROR} if there is no
   *     room or the device does not even reach the pool
   */
  public long map(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    SwiotlbCalls.SwiotlbMap call = SwiotlbCalls.SwiotlbMap.begun();
    long tlbPhys = mapSingle(device, phys, sizeBytes, sizeBytes, attributes);
    if (tlbPhys != DmaMapping.MAPPING_ERROR && !DmaReach.isCapable(device, tlbPhys, sizeBytes)) {
      dropUnreachable(device, tlbPhys, sizeBytes, direction, attributes);
      tlbPhys = DmaMapping.MAPPING_ERROR;
    }
    call.done(device, phys, sizeBytes, attributes, tlbPhys);
    return tlbPhys;
  }

  private void dropUnreachable(
      Device device, long tlbPhys, long sizeBytes, DmaDirection direction, int attributes) {
    int skip = attributes | DmaAttributes.SKIP_CPU_SYNC;
    unmapSingle(device, tlbPhys, sizeBytes, sizeBytes, direction, skip);
    reports.unreachable(device, tlbPhys, sizeBytes);
  }

  /** Throws {@link AssertionError} unless counters and slots agree. */
  public void checkInvariants() {
    slots.checkInvariants();
  }
}

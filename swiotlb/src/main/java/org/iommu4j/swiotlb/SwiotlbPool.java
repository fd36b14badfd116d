package org.iommu4j.swiotlb;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.base.Pages;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaReach;
import org.iommu4j.dma.PhysicalMemory;

/**
 * The pool of bounce slots of one system, or the fact that it has none.
 *
 * <p>A mapping takes a run of slots that lie one after the other and copies the buffer to them,
 * whatever its direction, so that a device which writes less than it should hands out no bytes of
 * an earlier mapping. Syncs and the unmapping copy back what the direction allows.
 *
 * <p>Thread-safe, as far as two threads do not use the same mapping; copies are made outside of all
 * locks. Allocates nothing unless something fails.
 *
 * <p>A search that the kernel never ends, with interrupts off (no slot left that agrees with a
 * device's {@link Device#minAlignMask} of more than a slot, but enough slots free), fails here like
 * one in a full pool.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c}.
 */
public final class SwiotlbPool extends PoolFacts {
  /** The size of a slot in bytes. */
  public static final int SLOT_BYTES = SlotTable.SLOT_BYTES;

  private final SlotCopies copies;
  private final boolean panics;
  private final SwiotlbReports reports;

  private SwiotlbPool(
      SwiotlbRules rules,
      PhysicalMemory memory,
      SlotAreas slots,
      SwiotlbForce force,
      boolean panics,
      DeviceLog log) {
    super(rules, slots, force);
    this.reports = new SwiotlbReports(log);
    this.copies =
        rules.bounds() == SwiotlbRules.Bounds.UNCHECKED
            ? new UncheckedCopies(memory, slots)
            : new SizedCopies(rules, memory, slots, reports);
    this.panics = panics;
  }

  /**
   * Makes a pool that is not parted, and sets its memory to zeros.
   *
   * @param rules what the release does; kept
   * @param startPhys where it begins, a multiple of 4096
   * @param totalSlots how many slots it has, as for the other
   */
  public static SwiotlbPool at(
      SwiotlbRules rules,
      PhysicalMemory memory,
      long startPhys,
      int totalSlots,
      SwiotlbForce force,
      DeviceLog log) {
    return at(rules, memory, startPhys, totalSlots, PoolAreas.one(), force, log);
  }

  /**
   * Makes a pool, and sets its memory to zeros.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_init_with_tbl}.
   *
   * @param rules what the release does; kept
   * @param startPhys where it begins, a multiple of 4096
   * @param totalSlots how many slots it has: whole segments as the command line's numbers are
   *     rounded to, or 1 as {@code noforce} leaves
   * @param areas how it is parted: into whole segments
   */
  public static SwiotlbPool at(
      SwiotlbRules rules,
      PhysicalMemory memory,
      long startPhys,
      int totalSlots,
      PoolAreas areas,
      SwiotlbForce force,
      DeviceLog log) {
    int unitSlots = areas.count() * rules.segmentSlots();
    boolean sized = totalSlots > 0 && (totalSlots == 1 || totalSlots % unitSlots == 0);
    if (!sized || startPhys < 0 || !Pages.isAligned(startPhys)) {
      throw new IllegalArgumentException(
          String.format("%d slots at 0x%x are no pool of bounce slots", totalSlots, startPhys));
    }
    memory.fill(startPhys, (long) totalSlots * SLOT_BYTES, (byte) 0);
    SlotAreas slots =
        new SlotAreas(rules, startPhys, totalSlots, areas.count(), areas.currentCpu());
    return new SwiotlbPool(rules, memory, slots, force, false, log);
  }

  /**
   * Makes what a system without a pool has: a mapping fails as in a full pool. If the command line
   * asked for as many slots as the mapping would take, the kernel looks for them all the same, by a
   * null pointer: that is an {@link IllegalArgumentException}.
   *
   * @param askedSlots how many slots the command line asked for, which the kernel goes on to
   *     report, 0 if it did not ask
   */
  public static SwiotlbPool absent(
      SwiotlbRules rules,
      PhysicalMemory memory,
      long askedSlots,
      SwiotlbForce force,
      DeviceLog log) {
    return new SwiotlbPool(rules, memory, SlotAreas.none(rules, askedSlots), force, false, log);
  }

  /**
   * Makes what a system has whose pool did not fit into memory: every mapping fails, with the last
   * words of a kernel that goes no further then.
   *
   * @param askedSlots how many slots the command line asked for, 0 if it did not ask
   */
  public static SwiotlbPool notAllocated(
      SwiotlbRules rules,
      PhysicalMemory memory,
      long askedSlots,
      SwiotlbForce force,
      DeviceLog log) {
    return new SwiotlbPool(rules, memory, SlotAreas.none(rules, askedSlots), force, true, log);
  }

  /**
   * Takes slots for a buffer and copies it there.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_tbl_map_single}.
   *
   * @param origPhys the physical address of the buffer
   * @param mappingBytes how many bytes are copied
   * @param allocBytes how many bytes the slots must hold; {@link IllegalArgumentException} for a
   *     size that the kernel stops at: one that makes no slot, or that counts as fewer slots than
   *     it takes
   * @param attributes bits of {@link DmaAttributes}; of these, only {@code NO_WARN} counts
   * @return the physical address of the copy, or {@link DmaMapping#MAPPING_ERROR} if no run of
   *     slots fits or {@code mappingBytes} is the larger one
   */
  public long mapSingle(
      Device device, long origPhys, long mappingBytes, long allocBytes, int attributes) {
    return mapSingle(device, origPhys, mappingBytes, allocBytes, 0, attributes);
  }

  /**
   * As the other, with slots that begin where these low address bits are 0.
   *
   * @param allocAlignMask the bits
   */
  public long mapSingle(
      Device device,
      long origPhys,
      long mappingBytes,
      long allocBytes,
      int allocAlignMask,
      int attributes) {
    SwiotlbCalls.TblMapSingle call = begun(SwiotlbCalls.TblMapSingle.OFF);
    long tlbPhys = mapCopy(device, origPhys, mappingBytes, allocBytes, allocAlignMask, attributes);
    call.done(device, origPhys, mappingBytes, allocBytes, attributes, tlbPhys);
    return tlbPhys;
  }

  private long mapCopy(
      Device device,
      long origPhys,
      long mappingBytes,
      long allocBytes,
      int allocAlignMask,
      int attributes) {
    if (panics) {
      reports.panic();
      return DmaMapping.MAPPING_ERROR;
    }
    if (Long.compareUnsigned(mappingBytes, allocBytes) > 0) {
      reports.invalidSizes(device, mappingBytes, allocBytes);
      return DmaMapping.MAPPING_ERROR;
    }
    long tlbPhys = copies.take(device, origPhys, mappingBytes, allocBytes, allocAlignMask);
    if (tlbPhys == SlotCopies.NONE) {
      if ((attributes & DmaAttributes.NO_WARN) == 0) {
        long told = copies.toldBytes(device, origPhys, mappingBytes, allocBytes, allocAlignMask);
        reports.full(device, told, totalSlots(), usedSlots());
      }
      return DmaMapping.MAPPING_ERROR;
    }
    device.resetSkipSync();
    copies.move(origPhys, tlbPhys, mappingBytes);
    return tlbPhys;
  }

  /**
   * Copies the data back, if the device may have written it and {@code SKIP_CPU_SYNC} is not set,
   * and gives the slots back that the sizes make: those sizes that {@link #mapSingle} was given.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_tbl_unmap_single}.
   *
   * @param tlbPhys what {@link #mapSingle} returned; {@link IllegalArgumentException} if its slots
   *     are not in use. Once a device with a {@link Device#minAlignMask} was mapped, slots are
   *     given back as the kernel does it, whosever they are
   */
  public void unmapSingle(
      Device device,
      long tlbPhys,
      long mappingBytes,
      long allocBytes,
      DmaDirection direction,
      int attributes) {
    SwiotlbCalls.TblUnmapSingle call = begun(SwiotlbCalls.TblUnmapSingle.OFF);
    if ((attributes & DmaAttributes.SKIP_CPU_SYNC) == 0 && direction.deviceWrites()) {
      copies.copyBack(device, tlbPhys, mappingBytes);
    }
    copies.giveBack(device, tlbPhys, allocBytes);
    call.done(device, tlbPhys, mappingBytes, allocBytes, direction, attributes);
  }

  /**
   * Copies part of a mapping back to its buffer, if the device may have written it.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_tbl_sync_single}.
   *
   * @param tlbPhys the first byte in the pool; nothing happens if its slot is not in use
   */
  public void syncForCpu(Device device, long tlbPhys, long sizeBytes, DmaDirection direction) {
    SwiotlbCalls.TblSyncSingle call = begun(SwiotlbCalls.TblSyncSingle.OFF);
    if (direction.deviceWrites()) {
      copies.toBuffer(device, tlbPhys, sizeBytes);
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
    SwiotlbCalls.TblSyncSingle call = begun(SwiotlbCalls.TblSyncSingle.OFF);
    if (direction.deviceReads()) {
      copies.toCopy(device, tlbPhys, sizeBytes);
    }
    call.done(device, tlbPhys, sizeBytes, direction, "SYNC_FOR_DEVICE");
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
    SwiotlbCalls.SwiotlbMap call = begun(SwiotlbCalls.SwiotlbMap.OFF);
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
}

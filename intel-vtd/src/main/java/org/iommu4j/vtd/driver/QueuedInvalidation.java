package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextCacheInvalidate;
import org.iommu4j.vtd.hw.format.DeviceTlbInvalidate;
import org.iommu4j.vtd.hw.format.InvalidationDescriptor;
import org.iommu4j.vtd.hw.format.InvalidationWait;
import org.iommu4j.vtd.hw.format.IotlbInvalidate;
import org.iommu4j.vtd.hw.format.PasidCacheInvalidate;
import org.iommu4j.vtd.hw.format.PasidIotlbInvalidate;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;

/**
 * Invalidation by a queue in memory: each request is a descriptor, and a wait descriptor that
 * writes a status word when the request is done.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:qi_submit_sync}.
 */
final class QueuedInvalidation implements Invalidation {
  private static final int ENTRIES = 256;
  private static final int MAX_PENDING = 32;
  private static final int IN_USE = 1;
  private static final int DONE = 2;
  private static final long WAIT_LOW = InvalidationWait.lowStatus(DONE);

  private final RemappingHardware hardware;
  private final PhysicalMemory memory;
  private final long queuePhys;
  private final long statusPhys;
  private final long drain;
  private final int descriptorBytes;

  @GuardedBy("this") private int free;

  /**
   * Makes the software side of a queue; the unit must have been told of it, and be empty.
   *
   * @param queuePhys zeroed memory for the descriptors, which are of 256 bits where the unit has
   *     scalable mode
   * @param statusPhys a frame for their status words
   */
  QueuedInvalidation(
      RemappingHardware hardware, PhysicalMemory memory, long queuePhys, long statusPhys) {
    Capabilities capabilities = hardware.capabilities();
    this.hardware = hardware;
    this.memory = memory;
    this.queuePhys = queuePhys;
    this.statusPhys = statusPhys;
    this.descriptorBytes =
        capabilities.scalableMode()
            ? InvalidationDescriptor.WIDE_BYTES
            : InvalidationDescriptor.BYTES;
    this.drain =
        (capabilities.drainsWrites() ? IotlbInvalidate.DW.mask() : 0)
            | (capabilities.drainsReads() ? IotlbInvalidate.DR.mask() : 0);
  }

  @Override
  public void contexts(int granularity, int domainId, int sourceId) {
    submit(ContextCacheInvalidate.low(granularity, domainId, sourceId, 0), 0);
  }

  // drivers/iommu/intel/dmar.c:qi_flush_iotlb leaves the hint out.
  @Override
  public void iotlb(int granularity, int domainId, long iova, int addressMask, boolean leavesOnly) {
    long high =
        granularity == Granularity.SELECTIVE ? IotlbInvalidate.high(iova, addressMask, false) : 0;
    submit(IotlbInvalidate.low(granularity, domainId, false) | drain, high);
  }

  /** Source: {@code drivers/iommu/intel/dmar.c:qi_flush_dev_iotlb}. */
  @Override
  public void deviceTlb(
      int sourceId, int physicalFunctionId, int queueDepth, long iova, int addressMask) {
    int maxPending = queueDepth >= MAX_PENDING ? 0 : queueDepth;
    submit(
        DeviceTlbInvalidate.low(sourceId, physicalFunctionId, maxPending),
        DeviceTlbInvalidate.high(iova, addressMask));
  }

  /** Source: {@code drivers/iommu/intel/dmar.c:qi_flush_pasid_cache}. */
  @Override
  public void pasids(int domainId, int pasid) {
    submit(PasidCacheInvalidate.low(PasidCacheInvalidate.PASID_OF_DOMAIN, domainId, pasid), 0);
  }

  /** Source: {@code drivers/iommu/intel/dmar.c:qi_flush_piotlb}. */
  @Override
  public void addressSpace(int domainId, int pasid) {
    submit(PasidIotlbInvalidate.low(PasidIotlbInvalidate.ALL, domainId, pasid), 0);
  }

  @Override
  public void addressSpacePages(
      int domainId, int pasid, long iova, int addressMask, boolean leavesOnly) {
    submit(
        PasidIotlbInvalidate.low(PasidIotlbInvalidate.PAGES, domainId, pasid),
        PasidIotlbInvalidate.high(iova, addressMask, leavesOnly));
  }

  /** Queues one descriptor and returns when the hardware has done it. */
  synchronized void submit(long low, long high) {
    int request = free;
    int wait = (request + 1) % ENTRIES;
    free = (request + 2) % ENTRIES;
    long waitStatusPhys = statusPhys + 4L * wait;
    write(request, low, high);
    memory.write32(waitStatusPhys, IN_USE);
    write(wait, WAIT_LOW, InvalidationWait.high(waitStatusPhys));
    hardware.write32(Register.IQT, free * descriptorBytes);
    if (memory.read32(waitStatusPhys) != DONE) {
      throw new AssertionError(
          String.format("the queue stopped at descriptor %016x %016x", high, low));
    }
  }

  private void write(int index, long low, long high) {
    long phys = queuePhys + (long) index * descriptorBytes;
    memory.writeVolatile64(phys, low);
    memory.writeVolatile64(phys + 8, high);
  }
}

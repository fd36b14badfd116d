package org.iommu4j.iommu.dma;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.dma.DmaIommuRules.Trait;
import org.iommu4j.iommu.spi.IommuDomain;

/**
 * Maps and unmaps one run of memory for a device in its default domain.
 *
 * <p>Thread-safe; allocates nothing in steady state.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:__iommu_dma_map}, {@code __iommu_dma_unmap}.
 */
final class DeviceMapper {
  private final DmaSpace space;
  private final DeviceAddresses addresses;
  private final boolean queuesWhatWasNotMapped;
  private final boolean refusesWideAlignment;
  private final DeviceLog.Once unsupportedAlignment;

  /**
   * Makes the mapper of one device.
   *
   * @param unsupportedAlignment where the first device is told that cannot be mapped for
   */
  DeviceMapper(
      DmaSpace space,
      DeviceAddresses addresses,
      DmaIommuRules rules,
      DeviceLog.Once unsupportedAlignment) {
    this.space = space;
    this.addresses = addresses;
    this.queuesWhatWasNotMapped = rules.does(Trait.QUEUES_WHAT_WAS_NOT_MAPPED);
    this.refusesWideAlignment = rules.does(Trait.REFUSES_WIDE_ALIGNMENT);
    this.unsupportedAlignment = unsupportedAlignment;
  }

  DmaSpace space() {
    return space;
  }

  /**
   * Returns the protection of a mapping that snoops.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:dma_info_to_prot}.
   */
  static int protection(DmaDirection direction, int attributes) {
    return uncachedProtection(direction, attributes) | IommuDomain.CACHE;
  }

  /** Returns the protection of a mapping that need not snoop. */
  static int uncachedProtection(DmaDirection direction, int attributes) {
    return (direction.deviceReads() ? IommuDomain.READ : 0)
        | (direction.deviceWrites() ? IommuDomain.WRITE : 0)
        | ((attributes & DmaAttributes.PRIVILEGED) != 0 ? IommuDomain.PRIVILEGED : 0);
  }

  /**
   * Maps memory; returns its address for the device, or {@link DmaMapping#MAPPING_ERROR}.
   *
   * @param mask the highest address that the device can send, 0 for any
   */
  long map(Device device, long phys, long sizeBytes, int protection, long mask) {
    if (refusesWideAlignment && device.minAlignMask() > space.granuleMask()) {
      unsupportedAlignment.print(device, () -> "Unsupported alignment constraint");
      return DmaMapping.MAPPING_ERROR;
    }
    long offset = phys & space.granuleMask();
    long bytes = space.pageBytes(offset, sizeBytes);
    long address = alloc(device, bytes, mask);
    if (address == DeviceAddresses.NONE) {
      return DmaMapping.MAPPING_ERROR;
    }
    if (space.map(address, phys - offset, bytes, protection) != 0) {
      giveBack(address, bytes);
      return DmaMapping.MAPPING_ERROR;
    }
    return address + offset;
  }

  /** Takes addresses of the domain's; returns the first, or {@link DeviceAddresses#NONE}. */
  long alloc(Device device, long sizeBytes, long mask) {
    return addresses.alloc(device, sizeBytes, mask);
  }

  /** Gives addresses back at which nothing could be mapped. */
  void giveBack(long address, long sizeBytes) {
    if (queuesWhatWasNotMapped) {
      space.freeQueued(address, sizeBytes);
    } else {
      space.free(address, sizeBytes);
    }
  }

  /** Unmaps what {@link #map} mapped, and gives its address back. */
  void unmap(long dmaAddr, long sizeBytes) {
    DmaIommuCalls.Unmap call = begun(DmaIommuCalls.Unmap.OFF);
    long offset = dmaAddr & space.granuleMask();
    space.unmap(dmaAddr - offset, space.pageBytes(offset, sizeBytes));
    call.done(dmaAddr, sizeBytes);
  }
}

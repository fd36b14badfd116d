package org.iommu4j.iommu;

import org.iommu4j.machine.pci.PciAddress;

/**
 * Is told of groups and domains where the kernel has tracepoints, of the devices that are there at
 * boot; each method does nothing unless it is overridden.
 *
 * <p>Called by the one thread that brings the hardware up.
 *
 * <p>Source: {@code include/trace/events/iommu.h}.
 */
public interface IommuTracepoints {
  /** Listens to nothing. */
  IommuTracepoints NONE = new IommuTracepoints() {};

  /** A device joined a group. */
  default void addDeviceToGroup(PciAddress device, int group) {}

  /** A device was attached to a domain. */
  default void attachDeviceToDomain(PciAddress device) {}

  /** Pages were mapped for all devices of a domain. */
  default void map(long iova, long phys, long sizeBytes) {}
}

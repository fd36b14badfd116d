package org.iommu4j.iommu;

import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Is told of the faults of a domain's devices by vendors' drivers that report them.
 *
 * <p>Source: {@code include/linux/iommu.h:iommu_fault_handler_t}.
 */
@FunctionalInterface
public interface FaultHandler {
  /** A fault of an access that read. */
  int READ = 0;

  /** A fault of an access that wrote. */
  int WRITE = 1;

  /**
   * Called on a fault.
   *
   * @param flags {@link #READ} or {@link #WRITE}
   * @return 0 if it was dealt with, or a negative error number
   */
  int fault(IommuDomain domain, PciDevice device, long iova, int flags);
}

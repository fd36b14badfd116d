package org.iommu4j.vfio;

import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vfio.policy.DriverStanding;

/**
 * The IOMMU API knows who has a group: drivers of the host that do DMA, or who claimed it.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_claim_dma_owner}, {@code
 * drivers/pci/pci-driver.c:pci_dma_configure}.
 */
final class ClaimedGroups implements GroupClaims {
  private final IommuApi iommu;

  ClaimedGroups(IommuApi iommu) {
    this.iommu = iommu;
  }

  @Override
  public int claim(IommuGroup group, Object claimant) {
    return iommu.claimDmaOwner(group, claimant);
  }

  @Override
  public void release(IommuGroup group) {
    iommu.releaseDmaOwner(group);
  }

  /** Source: {@code drivers/vfio/vfio_main.c:vfio_group_ioctl_get_status}. */
  @Override
  public boolean isViable(IommuGroup group, boolean taken) {
    return taken || !iommu.dmaOwnerClaimed(group);
  }

  @Override
  public int beforeProbe(PciDevice device, DriverStanding standing) {
    return standing.isAllowed() ? 0 : iommu.useDefaultDomain(device.address());
  }

  @Override
  public void afterRemoval(PciDevice device, DriverStanding standing) {
    if (!standing.isAllowed()) {
      iommu.unuseDefaultDomain(device.address());
    }
  }
}

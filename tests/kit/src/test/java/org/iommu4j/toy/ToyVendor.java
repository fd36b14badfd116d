package org.iommu4j.toy;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.testkit.skeleton.SkeletalDomain;
import org.iommu4j.testkit.skeleton.SkeletalVendor;

/**
 * An IOMMU that nobody makes: firmware marks it with a table {@code TOYI}, which holds the number
 * of a PCI device and the first and last address of what is mapped one to one for it.
 */
public final class ToyVendor extends SkeletalVendor {
  static final String SIGNATURE = "TOYI";

  /** Makes the vendor; called by {@link java.util.ServiceLoader}. */
  public ToyVendor() {
    super("Toy", SIGNATURE);
  }

  @Override
  protected SkeletalDomain newDomain(DomainType type, SystemServices services) {
    return new ToyDomain(type, services);
  }

  @Override
  protected DmaOps newOps(SystemServices services) {
    return new ToyOps(services);
  }

  @Override
  protected ImmutableList<ReservedRegion> reservedRegions(FirmwareTable table, PciDevice device) {
    ByteBuffer mark = ByteBuffer.wrap(table.bytes());
    return mark.getLong() != device.address().device()
        ? ImmutableList.of()
        : ImmutableList.of(
            new ReservedRegion(mark.getLong(), mark.getLong(), ReservedRegion.Type.DIRECT));
  }
}

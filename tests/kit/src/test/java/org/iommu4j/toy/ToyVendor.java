package org.iommu4j.toy;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.VendorParameters;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.testkit.skeleton.SkeletalDriver;

/**
 * An IOMMU that nobody makes: firmware marks it with a table {@code TOYI}, which holds the number
 * of a PCI device and the first and last address of what is mapped one to one for it.
 */
public final class ToyVendor implements IommuVendor {
  static final String SIGNATURE = "TOYI";

  @Override
  public String name() {
    return "Toy";
  }

  @Override
  public VendorParameters parameters() {
    return VendorParameters.none();
  }

  @Override
  public IommuDriver driver(BootContext context) {
    return new Driver(context);
  }

  private static final class Driver extends SkeletalDriver {
    private final ToyOps ops;

    Driver(BootContext context) {
      super(context, "toy0", SIGNATURE);
      this.ops = new ToyOps(context.services());
    }

    @Override
    public ImmutableList<ReservedRegion> reservedRegions(PciDevice device) {
      ByteBuffer mark = ByteBuffer.wrap(mark().bytes());
      return mark.getLong() != device.address().device()
          ? ImmutableList.of()
          : ImmutableList.of(
              new ReservedRegion(mark.getLong(), mark.getLong(), ReservedRegion.Type.DIRECT));
    }

    @Override
    protected IommuDomain newDomain(DomainType type) {
      return new ToyDomain(type, context().services());
    }

    @Override
    protected void release(IommuDomain domain) {
      context().services().frames().free(((ToyDomain) domain).tablePhys());
    }

    @Override
    protected DmaOps ops() {
      return ops;
    }

    @Override
    protected long translate(IommuDomain domain, long iova, int right) {
      return ((ToyDomain) domain).translate(iova, right);
    }
  }
}

package org.iommu4j.vtd.driver;

import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.ContextCommand;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;
import org.iommu4j.vtd.hw.format.RegisterBits.InvalidateAddress;
import org.iommu4j.vtd.hw.format.RegisterBits.IotlbCommand;

/**
 * Invalidation by registers, for units without a queue.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:__iommu_flush_context}, {@code
 * __iommu_flush_iotlb}.
 */
final class RegisterInvalidation implements Invalidation {
  private final RemappingHardware hardware;
  private final Object registerLock;
  private final int iotlbOffset;
  private final long drain;

  RegisterInvalidation(RemappingHardware hardware, Object registerLock) {
    Capabilities capabilities = hardware.capabilities();
    this.hardware = hardware;
    this.registerLock = registerLock;
    this.iotlbOffset = capabilities.iotlbOffset();
    this.drain = capabilities.drainsWrites() ? IotlbCommand.DW.mask() : 0;
  }

  @Override
  public void contexts(int granularity, int domainId, int sourceId) {
    synchronized (registerLock) {
      hardware.write64(
          Register.CCMD,
          ContextCommand.ICC.mask()
              | ContextCommand.CIRG.of(granularity)
              | ContextCommand.SID.of(sourceId)
              | ContextCommand.DID.of(domainId));
      await(Register.CCMD, ContextCommand.ICC.mask());
    }
  }

  @Override
  public void iotlb(int granularity, int domainId, long iova, int addressMask, boolean leavesOnly) {
    synchronized (registerLock) {
      if (granularity == Granularity.SELECTIVE) {
        hardware.write64(
            iotlbOffset,
            iova | InvalidateAddress.AM.of(addressMask) | InvalidateAddress.IH.of(bit(leavesOnly)));
      }
      hardware.write64(
          iotlbOffset + 8,
          IotlbCommand.IVT.mask()
              | IotlbCommand.IIRG.of(granularity)
              | IotlbCommand.DID.of(domainId)
              | drain);
      await(iotlbOffset + 8, IotlbCommand.IVT.mask());
    }
  }

  private static int bit(boolean set) {
    return set ? 1 : 0;
  }

  private void await(int offset, long busy) {
    if ((hardware.read64(offset) & busy) != 0) {
      throw new AssertionError(String.format("register 0x%x never finishes", offset));
    }
  }
}

package org.iommu4j.vtd.hw;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.jspecify.annotations.Nullable;

/**
 * A device's access that was refused, wholly or from some page on.
 *
 * @param reason why; null where the access was aborted without a remapping fault: in the interrupt
 *     window or in a protected memory region
 * @param iova the address that was refused, the first that was not accessed
 * @param sourceId the requester
 * @param access what it wanted
 * @param completedBytes how many bytes before {@code iova} were moved
 */
@Immutable
public record DmaFault(
    @Nullable FaultReason reason, long iova, int sourceId, Access access, int completedBytes) {
  @Override
  public String toString() {
    return String.format(
        "%s of 0x%x by %s refused: %s, %d bytes done",
        access,
        iova,
        PciAddress.ofRequesterId(0, sourceId).withoutDomain(),
        reason,
        completedBytes);
  }
}

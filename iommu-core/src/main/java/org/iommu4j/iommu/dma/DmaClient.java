package org.iommu4j.iommu.dma;

import com.google.common.collect.ImmutableList;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.domain.ReservedRegion;

/**
 * A device that is about to get its operations, and what is known of it. Immutable.
 *
 * @param device the device
 * @param isPci whether it is a PCI function
 * @param isUntrusted whether it must not see what lies beside its buffers
 * @param bridge the host bridge above it
 * @param reservedRegions the addresses that are not handed out to it, in the vendor's order
 */
public record DmaClient(
    Device device,
    boolean isPci,
    boolean isUntrusted,
    HostBridge bridge,
    ImmutableList<ReservedRegion> reservedRegions) {}

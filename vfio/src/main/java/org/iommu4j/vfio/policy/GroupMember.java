package org.iommu4j.vfio.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * What viability asks of one device of an IOMMU group.
 *
 * @param address the device
 * @param headerType its header layout: 0 for an endpoint, 1 for a bridge, 2 for CardBus
 * @param driver the name of the driver that it is bound to, or null if it has none
 */
@Immutable
public record GroupMember(PciAddress address, int headerType, @Nullable String driver) {}

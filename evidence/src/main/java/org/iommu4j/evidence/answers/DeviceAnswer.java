package org.iommu4j.evidence.answers;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel did with a device, a line of {@code lockstep/ops}.
 *
 * @param device the function
 * @param ops the symbol of the device's DMA ops, or null if it has none and maps directly
 * @param domain the type of the domain that it is attached to, or null if there is none
 * @param group the number of its group, or -1 if there is none
 * @param untrusted whether the kernel took it for untrusted
 */
@Immutable
public record DeviceAnswer(
    PciAddress device,
    @Nullable String ops,
    @Nullable DomainType domain,
    int group,
    boolean untrusted) {}

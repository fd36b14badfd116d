package org.iommu4j.evidence.answers;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.machine.pci.PciAddress;

/**
 * A group as a kernel made it: {@code /sys/kernel/iommu_groups/N}.
 *
 * @param number the group's number
 * @param type the default domain's type in the kernel's word, {@code DMA} or {@code identity};
 *     empty if it is not known
 * @param reservedRegions the regions in the kernel's order
 * @param devices the PCI functions in the group
 */
@Immutable
public record GroupAnswer(
    int number,
    String type,
    ImmutableList<ReservedRegion> reservedRegions,
    ImmutableSortedSet<PciAddress> devices) {}

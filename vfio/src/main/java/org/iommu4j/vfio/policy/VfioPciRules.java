package org.iommu4j.vfio.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.pci.quirks.IdSet;

/**
 * Which functions {@code vfio-pci} takes.
 *
 * @param denied the devices of Intel that it does not take unless told to
 * @param needsCoherency whether the IOMMU must see the CPUs' caches
 * @param source the kernel's function that looks at the function itself
 * @param groupSource the one that looks for its group
 */
@Immutable
public record VfioPciRules(
    IdSet denied, boolean needsCoherency, String source, String groupSource) {}

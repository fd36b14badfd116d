package org.iommu4j.iommu.policy;

import com.google.errorprone.annotations.Immutable;

/**
 * What releases do differently when they look for hardware IOMMUs.
 *
 * <p>Source: {@code arch/x86/kernel/pci-dma.c:pci_iommu_alloc}.
 *
 * @param askedPoolEndsSearch whether a bounce pool that the command line asks for is taken for the
 *     IOMMU, so that no hardware is looked for
 * @param tellsOfPool whether the log has lines on the pool that count as answers
 */
@Immutable
public record DetectionRules(boolean askedPoolEndsSearch, boolean tellsOfPool) {}

package org.iommu4j.vtd.policy;

import com.google.errorprone.annotations.Immutable;

/**
 * A set of root ports behind which devices may cache translations, as the kernel registers it.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:struct dmar_atsr_unit}.
 *
 * @param segment the PCI segment
 * @param includeAll whether all root ports of the segment are meant
 * @param scopes where its device scopes are; without slots if all root ports are meant
 */
@Immutable
public record AtsrUnit(int segment, boolean includeAll, ScopeSpan scopes) {}

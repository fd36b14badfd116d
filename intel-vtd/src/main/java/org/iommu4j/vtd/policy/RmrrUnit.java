package org.iommu4j.vtd.policy;

import com.google.errorprone.annotations.Immutable;

/**
 * A reserved memory range as the kernel registers it.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:struct dmar_rmrr_unit}.
 *
 * @param segment the PCI segment
 * @param firstPhys the first address
 * @param lastPhys the last address, inclusive
 * @param bad whether the kernel called it bad (it uses it all the same)
 * @param scopes where its device scopes are
 */
@Immutable
public record RmrrUnit(int segment, long firstPhys, long lastPhys, boolean bad, ScopeSpan scopes) {}

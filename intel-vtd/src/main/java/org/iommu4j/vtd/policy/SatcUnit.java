package org.iommu4j.vtd.policy;

import com.google.errorprone.annotations.Immutable;

/**
 * A list of devices of the SoC that have a device TLB, as the kernel registers it.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:struct dmar_satc_unit}.
 *
 * @param segment the PCI segment
 * @param cacheRequired whether its devices cannot do without their device TLBs
 * @param scopes where its device scopes are
 */
@Immutable
public record SatcUnit(int segment, boolean cacheRequired, ScopeSpan scopes) {}

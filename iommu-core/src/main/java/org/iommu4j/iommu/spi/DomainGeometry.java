package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;

/**
 * The I/O addresses that a domain can map.
 *
 * <p>Source: {@code include/linux/iommu.h:struct iommu_domain_geometry}.
 *
 * @param firstIova the lowest address
 * @param lastIova the highest address, inclusive and unsigned
 * @param forced whether addresses outside are refused, and not let through
 */
@Immutable
public record DomainGeometry(long firstIova, long lastIova, boolean forced) {}

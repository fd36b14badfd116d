package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;

/**
 * What a driver found early in the boot.
 *
 * @param present whether firmware describes the vendor's hardware in a way that the driver accepts
 * @param acsRequested whether the driver asks PCI to enable ACS on the buses scanned later
 * @param decision why
 */
@Immutable
public record Detection(boolean present, boolean acsRequested, Decision decision) {}

package org.iommu4j.dma;

import com.google.errorprone.annotations.Immutable;

/**
 * How a device's access ended early. Immutable.
 *
 * @param iova the address that was refused
 * @param completedBytes how many bytes before it were moved
 * @param reason why, for people
 */
@Immutable
public record BusError(long iova, int completedBytes, String reason) {}

package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.jspecify.annotations.Nullable;

/**
 * Which unit translates a device.
 *
 * @param unit the unit's name, such as {@code dmar0}, or null if none does
 * @param decision why
 */
@Immutable
public record Coverage(@Nullable String unit, Decision decision) {}

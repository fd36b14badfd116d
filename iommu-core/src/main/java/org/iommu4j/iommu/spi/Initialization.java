package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.policy.Decision;
import org.iommu4j.iommu.policy.DomainType;

/**
 * What came of initialising the hardware.
 *
 * @param status whether devices are translated from here on
 * @param defaultType the default domain type, which initialisation may change (platform opt-in)
 * @param decision why
 */
@Immutable
public record Initialization(Status status, DomainType defaultType, Decision decision) {
  /** How initialisation ends. */
  public enum Status {
    /** The hardware translates; devices are probed now. */
    ENABLED,
    /** The hardware stays off, or its initialisation failed. */
    DISABLED
  }
}

package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;

/**
 * What came of initialising the hardware.
 *
 * @param status whether devices are translated from here on
 * @param defaultType the default domain type, which initialisation may change (platform opt-in)
 * @param defaultSource what set the default domain type, if initialisation did
 * @param decision why
 */
@Immutable
public record Initialization(
    Status status, DomainType defaultType, Optional<String> defaultSource, Decision decision) {
  /** How initialisation ends. */
  public enum Status {
    /** The hardware translates; devices are probed now. */
    ENABLED,
    /** The hardware stays off, or its initialisation failed. */
    DISABLED
  }
}

package org.iommu4j.iommu.spi;

import java.util.Optional;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;

/**
 * What came of initialising the hardware: it stays {@link Off}, which a failure comes down to as
 * well, or it translates and devices are probed next.
 */
public sealed interface Initialization permits Initialization.Enabled, Off {
  /** Returns why. */
  Decision decision();

  /**
   * That devices are translated from here on.
   *
   * @param probe the phase that comes next
   * @param defaultType the default domain type, which initialisation may change (platform opt-in)
   * @param defaultSource what set the default domain type, if initialisation did
   * @param decision why
   */
  record Enabled(
      IommuProbe probe, DomainType defaultType, Optional<String> defaultSource, Decision decision)
      implements Initialization {}
}

package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;

/** What a driver found early in the boot: its hardware, or a reason to stay {@link Off}. */
public sealed interface Detection permits Detection.Found, Off {
  /** Returns why. */
  Decision decision();

  /**
   * That firmware describes the vendor's hardware in a way that the driver accepts. Immutable.
   *
   * @param decision why
   */
  @Immutable
  record Found(Decision decision) implements Detection {}
}

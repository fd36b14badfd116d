package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.Off;
import org.jspecify.annotations.Nullable;

/**
 * How the IOMMU part of a boot ended.
 *
 * @param enabled whether an IOMMU translates
 * @param defaultType the default domain type at the end
 * @param defaultSource who set it
 * @param strict whether unmapping waits for the hardware
 * @param off why nothing translates, as far as a driver has said it
 * @param groups the groups, empty unless enabled
 */
record BootOutcome(
    boolean enabled,
    DomainType defaultType,
    String defaultSource,
    boolean strict,
    @Nullable Off off,
    ImmutableList<BootReport.GroupReport> groups) {

  /** Returns the outcome of a boot on which nothing translates. */
  static BootOutcome off(
      DomainType defaultType, String defaultSource, boolean strict, @Nullable Off off) {
    return new BootOutcome(false, defaultType, defaultSource, strict, off, ImmutableList.of());
  }
}

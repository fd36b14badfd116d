package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.domain.DomainType;

/**
 * How the IOMMU part of a boot ended.
 *
 * @param enabled whether an IOMMU translates
 * @param defaultType the default domain type at the end
 * @param defaultSource who set it
 * @param strict whether unmapping waits for the hardware
 * @param groups the groups, empty unless enabled
 */
record BootOutcome(
    boolean enabled,
    DomainType defaultType,
    String defaultSource,
    boolean strict,
    ImmutableList<BootReport.GroupReport> groups) {

  /** Returns the outcome of a boot on which nothing translates. */
  static BootOutcome off(DomainType defaultType, String defaultSource, boolean strict) {
    return new BootOutcome(false, defaultType, defaultSource, strict, ImmutableList.of());
  }
}

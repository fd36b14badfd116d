package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.jspecify.annotations.Nullable;

/**
 * The domain type that a device demands.
 *
 * @param type the type, or null if the device has no wish
 * @param summary why, in a few words for people; empty if the device has no wish
 * @param decision why
 */
@Immutable
public record DomainDemand(@Nullable DomainType type, String summary, Decision decision) {
  /** The rule of every decision on what a device demands. */
  public static final Rule RULE = new Rule("domain-demand");

  /** Returns that a device has no wish. */
  public static DomainDemand none(Decision decision) {
    return new DomainDemand(null, "", decision);
  }
}

package org.iommu4j.iommu.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.DomainTypes;
import org.jspecify.annotations.Nullable;

/**
 * What releases decide, and say, of the type of domain that devices get by default.
 *
 * @param types the types that there are
 * @param announcement the log's line, with a place for the type's word
 * @param strictness the log's line on whether unmapping waits, with a place for the mode's word; or
 *     null in releases where that is no matter of the type
 * @param leavesBlank whether lines end in a blank to which nothing is said on who set the value
 * @param agreement what becomes of different demands in one group
 * @param finishesJoiners whether a device that comes to a group with a domain while the bus is
 *     probed gets DMA operations; {@code drivers/iommu/iommu.c:__iommu_probe_device}
 */
@Immutable
public record DefaultDomainRules(
    DomainTypes types,
    String announcement,
    @Nullable String strictness,
    boolean leavesBlank,
    Agreement agreement,
    boolean finishesJoiners) {

  /** What becomes of different demands of a group's members. */
  public enum Agreement {
    /**
     * The first counts; others that differ cancel it, and the default is taken.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:probe_get_default_domain_type}.
     */
    CANCEL,
    /**
     * The same, and that a device is untrusted is asked before its driver.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:iommu_get_def_domain_type}.
     */
    CANCEL_ASKING_TRUST_FIRST,
    /**
     * Identity counts for more; an untrusted member refuses it, and the probe fails.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:iommu_get_default_domain_type}.
     */
    JOIN
  }

  /** Returns whether it is a matter of the domain's type if unmapping waits. */
  public boolean typesTellStrictness() {
    return strictness != null;
  }

  String announce(DomainType type, String suffix) {
    return ended(String.format(announcement, types.logName(type)), suffix);
  }

  String announceStrictness(String format, boolean strict, String suffix) {
    return ended(String.format(format, strict ? "strict" : "lazy"), suffix);
  }

  private String ended(String line, String suffix) {
    return suffix.isEmpty() && !leavesBlank ? line : line + " " + suffix;
  }
}

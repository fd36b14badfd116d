package org.iommu4j.iommu.domain;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.errorprone.annotations.Immutable;

/**
 * What a release does when a group changes its domain.
 *
 * @param failedAttach what becomes of a group of which a member is refused
 * @param traits what else it does
 */
@Immutable
public record GroupRules(FailedAttach failedAttach, ImmutableSet<Trait> traits) {

  /** Returns whether the release does this. */
  public boolean does(Trait trait) {
    return traits.contains(trait);
  }

  /** Returns these rules with another end of an attach that fails. */
  public GroupRules withFailedAttach(FailedAttach other) {
    return new GroupRules(other, traits);
  }

  /** Returns these rules and one more trait. */
  public GroupRules with(Trait added) {
    return new GroupRules(failedAttach, Sets.immutableEnumSet(added, traits.toArray(new Trait[0])));
  }

  /** What becomes of a group of which a member is refused. */
  public enum FailedAttach {
    /**
     * The members before it stay attached, while the group is said to be in its old domain.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:__iommu_attach_group}, of 5.10.
     */
    STAYS_HALF_DONE,
    /**
     * All members go back to the old domain.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:__iommu_attach_group}, of 6.1.
     */
    ALL_GO_BACK,
    /**
     * The members that were tried go back to the old domain.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:__iommu_group_set_domain_internal}.
     */
    TRIED_GO_BACK
  }

  /** Something that a release does and others do not. */
  public enum Trait {
    /**
     * A group has an owner: who claims it keeps the kernel's drivers out, and the group is in a
     * domain that blocks everything while its owner has attached nothing.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_claim_dma_owner}.
     */
    HAS_OWNERS,
    /**
     * What firmware wants mapped is mapped in runs, and not page by page.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:iommu_create_device_direct_mappings}.
     */
    MAPS_DIRECT_RUNS,
    /**
     * What firmware wants mapped for a device that comes late is mapped before the device is
     * attached, and the device is attached to the domain that its group is in.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:__iommu_probe_device}.
     */
    MAPS_BEFORE_LATE_ATTACH,
    /**
     * A device for which firmware wants memory mapped at all times is never blocked.
     *
     * <p>Source: {@code drivers/iommu/iommu.c:__iommu_device_set_domain}.
     */
    NEVER_BLOCKS_DIRECT
  }
}

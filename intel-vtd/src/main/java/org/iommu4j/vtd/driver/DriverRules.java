package org.iommu4j.vtd.driver;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.errorprone.annotations.Immutable;

/**
 * What releases do differently once the driver is up.
 *
 * @param faults how a recorded fault is told in the log
 * @param traits what else it does
 */
@Immutable
public record DriverRules(FaultForm faults, ImmutableSet<DriverTrait> traits) {

  /** Returns whether the release does this. */
  public boolean does(DriverTrait trait) {
    return traits.contains(trait);
  }

  /** Returns these rules with other words for faults. */
  public DriverRules withFaults(FaultForm other) {
    return new DriverRules(other, traits);
  }

  /** Returns these rules and one more trait. */
  public DriverRules with(DriverTrait added) {
    return new DriverRules(
        faults, Sets.immutableEnumSet(added, traits.toArray(new DriverTrait[0])));
  }

  /** Returns these rules without a trait. */
  public DriverRules without(DriverTrait removed) {
    return new DriverRules(
        faults, Sets.immutableEnumSet(Sets.difference(traits, Sets.immutableEnumSet(removed))));
  }

  /** Something that a release's driver does and others do not. */
  public enum DriverTrait {
    /**
     * The driver has DMA operations of its own, and tells the units of each call about a domain at
     * once.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_dma_ops}.
     */
    OWN_DMA_OPS,
    /**
     * The domain of all identity-mapped devices maps the frame after each range of memory as well.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:si_domain_init}.
     */
    MAPS_FRAME_AFTER_MEMORY,
    /**
     * A device with firmware's memory that is not relaxable joins no domain of somebody's own.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_attach_device}.
     */
    KEEPS_LOCKED_DEVICES,
    /**
     * A device that a domain does not fit is told of, and answered -EFAULT; else the answer is
     * -EINVAL and no more.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:prepare_domain_attach_device}.
     */
    TELLS_OF_MISFITS,
    /**
     * Freeing a domain detaches its devices; else they go on with what is no longer a table.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_exit}.
     */
    DETACHES_WHEN_FREED,
    /**
     * A device caches translations whatever its domain is; else only in those that are not the
     * driver's identity domain.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_add_dev_info}.
     */
    ENABLES_CACHES_FOR_IDENTITY,
    /**
     * Accesses are said to be coherent whatever the units can do, since all that is mapped is
     * memory that processors cache; else if the units can make them snoop.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_capable}.
     */
    ALWAYS_COHERENT,
    /**
     * Identity and blocking are domains without a table: context entries that pass through, with a
     * number of their own, and none.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:identity_domain}, {@code blocking_domain}.
     */
    STATIC_DOMAINS,
    /**
     * A device is detached before it is looked at whether it can be attached, and whatever its
     * context entries say.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_attach_device}.
     */
    BLOCKS_BEFORE_ATTACH,
    /**
     * A device whose DMA is another's has no context entries.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:dmar_domain_attach_device}.
     */
    LEAVES_OUT_SUBDEVICES,
    /**
     * Units that have scalable mode can work in it; else it is not modelled.
     *
     * <p>Source: {@code drivers/iommu/intel/pasid.c:intel_pasid_setup_second_level}.
     */
    SCALABLE_MODE,
    /**
     * Entries of first-stage tables forbid that a device executes what it reads.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:__domain_mapping}.
     */
    FORBIDS_EXECUTION,
    /**
     * What is beyond a domain's table is answered; else the kernel stops at an assertion.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_unmap}, {@code __domain_mapping}.
     */
    ANSWERS_OUT_OF_REACH
  }
}

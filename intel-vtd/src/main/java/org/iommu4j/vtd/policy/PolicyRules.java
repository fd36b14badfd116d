package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.policy.params.WordTable;
import org.jspecify.annotations.Nullable;

/**
 * What releases decide, and say, differently while the driver starts.
 *
 * @param words the words of {@code intel_iommu=}
 * @param unknownWord the log's line on a word that is none, with a place for the rest of the list,
 *     or null if nothing is said
 * @param strictByCachingMode the log's line where a unit's caching mode makes unmapping strict
 * @param noPasids the log's line of a unit with caching mode that lacks scalable mode, or null if
 *     nothing is said
 * @param traits what else a release does
 * @param sources the kernel's functions that decide about each device
 */
@Immutable
public record PolicyRules(
    WordTable words,
    @Nullable String unknownWord,
    String strictByCachingMode,
    @Nullable String noPasids,
    ImmutableSet<Trait> traits,
    Sources sources) {
  /**
   * Functions of the kernel that have other names in other releases.
   *
   * @param unit the one that finds a device's unit
   * @param lock the one that keeps a device from domains of users
   */
  @Immutable
  public record Sources(String unit, String lock) {}

  /** Returns the words of {@code intel_iommu=} that a release has. */
  public static WordTable words(Release release) {
    return IntelWords.TABLE.cutTo(release);
  }

  /** Returns whether the release does this. */
  public boolean does(Trait trait) {
    return traits.contains(trait);
  }

  /** Returns these rules with other words. */
  public PolicyRules withWords(WordTable other) {
    return new PolicyRules(other, unknownWord, strictByCachingMode, noPasids, traits, sources);
  }

  /** Returns these rules with a line on words that are none. */
  public PolicyRules withUnknownWord(String line) {
    return new PolicyRules(words, line, strictByCachingMode, noPasids, traits, sources);
  }

  /** Returns these rules with another line on caching mode. */
  public PolicyRules withStrictByCachingMode(String line) {
    return new PolicyRules(words, unknownWord, line, noPasids, traits, sources);
  }

  /** Returns these rules without a line on PASIDs. */
  public PolicyRules withoutPasidLine() {
    return new PolicyRules(words, unknownWord, strictByCachingMode, null, traits, sources);
  }

  /** Returns these rules and one more trait. */
  public PolicyRules with(Trait added) {
    return withTraits(Sets.immutableEnumSet(added, traits.toArray(new Trait[0])));
  }

  /** Returns these rules without a trait. */
  public PolicyRules without(Trait removed) {
    return withTraits(
        Sets.immutableEnumSet(Sets.difference(traits, Sets.immutableEnumSet(removed))));
  }

  /** Returns these rules with other functions. */
  public PolicyRules withSources(Sources other) {
    return new PolicyRules(words, unknownWord, strictByCachingMode, noPasids, traits, other);
  }

  private PolicyRules withTraits(ImmutableSet<Trait> other) {
    return new PolicyRules(words, unknownWord, strictByCachingMode, noPasids, other, sources);
  }

  /** Something that a release's driver does and another's does not. */
  public enum Trait {
    /**
     * The firmware's opt-in to DMA protection counts for more than {@code iommu=off}.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:platform_optin_force_iommu}.
     */
    OPT_IN_OVERRULES_IOMMU_OFF,
    /**
     * A measured launch counts for more than {@code iommu=off} when the table is looked for.
     *
     * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_required}.
     */
    MEASURED_LAUNCH_NEEDS_TABLE,
    /**
     * The driver has DMA operations of its own, which dma-iommu has where it has none.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_probe_finalize}.
     */
    OWN_DMA_OPS,
    /**
     * The driver itself wants translation for untrusted devices, which the core does elsewhere.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:device_def_domain_type}.
     */
    WANTS_UNTRUSTED_TRANSLATED,
    /**
     * Units are registered one by one, and the bus is probed each time.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_init}, {@code
     * drivers/iommu/iommu.c:iommu_device_register}.
     */
    REGISTERS_UNITS_ONE_BY_ONE,
    /**
     * Abilities of units are compared before they are brought up.
     *
     * <p>Source: {@code drivers/iommu/intel/cap_audit.c:cap_audit_static}.
     */
    AUDITS_ABILITIES,
    /**
     * Whether units can be driven by a hypervisor's commands is compared as well.
     *
     * <p>Source: {@code drivers/iommu/intel/cap_audit.c:check_dmar_capabilities}.
     */
    AUDITS_VIRTUAL_COMMANDS,
    /**
     * The table's list of devices of the SoC with ATS is read (SATC).
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:dmar_parse_one_satc}.
     */
    READS_SATC,
    /**
     * A unit without a second stage needs no width of one.
     *
     * <p>Source: {@code drivers/iommu/intel/dmar.c:alloc_iommu}.
     */
    TAKES_UNITS_OF_FIRST_STAGE,
    /**
     * As many pages of registers are taken as the table says a unit has.
     *
     * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_parse_one_drhd}.
     */
    READS_REGISTER_SIZE,
    /**
     * A scope of the table with more devices than slots makes the driver fail, and not the kernel.
     *
     * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_insert_dev_scope}.
     */
    SURVIVES_FULL_SCOPES,
    /**
     * Taking back a device that was never attached to a domain stops the kernel.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:dmar_remove_one_dev_info}.
     */
    DIES_RELEASING_UNATTACHED,
    /**
     * Identity domains have a table where a unit has no pass-through; else such a unit's devices
     * are all translated.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:si_domain_init}, {@code
     * device_def_domain_type}.
     */
    MAPS_IDENTITY,
    /**
     * Display devices get identity domains where graphics is not to be translated.
     *
     * <p>Source: {@code drivers/iommu/intel/iommu.c:device_def_domain_type}.
     */
    PASSES_GRAPHICS_THROUGH
  }
}

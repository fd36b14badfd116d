package org.iommu4j.vfio.type1;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.errorprone.annotations.Immutable;

/**
 * What releases of Linux differ in when a range is mapped or unmapped.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_map}, {@code vfio_dma_do_unmap}.
 *
 * @param interruptSource the kernel's function that tells whether a group's interrupts are its own
 * @param traits what the release does, of all that some do
 */
@Immutable
public record Type1Rules(String interruptSource, ImmutableSet<Trait> traits) {
  /** Something that some releases do. */
  public enum Trait {
    /** A caller can ask for all mappings at once. */
    TAKES_ALL,
    /** A mapping's address in the process can be exchanged. */
    MOVES_MEMORY,
    /** The mappings of other processes stay. */
    OWN_ONLY,
    /** Mappings go from the lowest address on, and not as the tree shows them. */
    IN_ORDER,
    /**
     * Every mapping asks for accesses that see the CPUs' caches, and a domain is told when a group
     * is attached to see them whatever the device asks for.
     *
     * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_attach_group}.
     */
    ENFORCES_COHERENCY,
    /**
     * Each capability of the answer to GET_INFO begins at a multiple of 8 bytes.
     *
     * <p>Source: {@code drivers/vfio/vfio_main.c:vfio_info_cap_add}.
     */
    ALIGNS_CAPABILITIES
  }

  /** Returns the rules of a release that does these and no others. */
  public static Type1Rules of(String interruptSource, Trait... traits) {
    return new Type1Rules(interruptSource, ImmutableSet.copyOf(traits));
  }

  /** Returns these rules and one more trait. */
  public Type1Rules with(Trait added) {
    return new Type1Rules(
        interruptSource, Sets.immutableEnumSet(added, traits.toArray(new Trait[0])));
  }

  /** Returns these rules with another function that tells of interrupts. */
  public Type1Rules withInterruptSource(String other) {
    return new Type1Rules(other, traits);
  }

  boolean takesAll() {
    return traits.contains(Trait.TAKES_ALL);
  }

  boolean movesMemory() {
    return traits.contains(Trait.MOVES_MEMORY);
  }

  boolean ownOnly() {
    return traits.contains(Trait.OWN_ONLY);
  }

  boolean alignsCapabilities() {
    return traits.contains(Trait.ALIGNS_CAPABILITIES);
  }

  boolean inOrder() {
    return traits.contains(Trait.IN_ORDER);
  }

  boolean enforcesCoherency() {
    return traits.contains(Trait.ENFORCES_COHERENCY);
  }
}

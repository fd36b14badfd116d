package org.iommu4j.vfio.type1;

import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.Immutable;

/**
 * What releases of Linux differ in when a range is mapped or unmapped.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_map}, {@code vfio_dma_do_unmap}.
 *
 * @param traits what the release does, of all that some do
 */
@Immutable
public record Type1Rules(ImmutableSet<Trait> traits) {
  /** Something that some releases do. */
  public enum Trait {
    /** A caller can ask for all mappings at once. */
    TAKES_ALL,
    /** A mapping's address in the process can be exchanged. */
    MOVES_MEMORY,
    /** The mappings of other processes stay. */
    OWN_ONLY,
    /** Mappings go from the lowest address on, and not as the tree shows them. */
    IN_ORDER
  }

  /** Returns the rules of a release that does these and no others. */
  public static Type1Rules of(Trait... traits) {
    return new Type1Rules(ImmutableSet.copyOf(traits));
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

  boolean inOrder() {
    return traits.contains(Trait.IN_ORDER);
  }
}

package org.iommu4j.iommu.dma;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.release.ModuleRules;
import org.jspecify.annotations.Nullable;

/**
 * What a release's dma-iommu does in its own way.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c}.
 *
 * @param opsSymbol what a device's operations are called: {@code iommu_dma_ops}, or {@code NULL}
 *     where a flag of the device stands for them
 * @param queueing which domains leave flushes to a queue
 * @param lowFirst how long a PCI device asks for addresses below 4 GiB first
 * @param padding what becomes of the rest of a bounced buffer's pages, which a device that is not
 *     trusted sees
 * @param traits what else it does
 */
@Immutable
public record DmaIommuRules(
    String opsSymbol,
    Queueing queueing,
    LowFirst lowFirst,
    Padding padding,
    ImmutableSet<Trait> traits)
    implements ModuleRules {
  /** What operations are called that a flag of the device stands for. */
  public static final String NO_OPS = "NULL";

  /** Returns what a device has in {@code dev->dma_ops}, or null if it has nothing there. */
  public @Nullable String symbolOfDevice() {
    return opsSymbol.equals(NO_OPS) ? null : opsSymbol;
  }

  /** Returns whether the release does this. */
  public boolean does(Trait trait) {
    return traits.contains(trait);
  }

  /** Returns these rules with other words for the operations. */
  public DmaIommuRules withOpsSymbol(String symbol) {
    return new DmaIommuRules(symbol, queueing, lowFirst, padding, traits);
  }

  /** Returns these rules with another choice of the domains that queue. */
  public DmaIommuRules withQueueing(Queueing other) {
    return new DmaIommuRules(opsSymbol, other, lowFirst, padding, traits);
  }

  /** Returns these rules with another search for addresses below 4 GiB. */
  public DmaIommuRules withLowFirst(LowFirst other) {
    return new DmaIommuRules(opsSymbol, queueing, other, padding, traits);
  }

  /** Returns these rules with another care for what lies beside a bounced buffer. */
  public DmaIommuRules withPadding(Padding other) {
    return new DmaIommuRules(opsSymbol, queueing, lowFirst, other, traits);
  }

  /** Returns these rules and one more trait. */
  public DmaIommuRules with(Trait added) {
    ImmutableSet<Trait> all = Sets.immutableEnumSet(added, traits.toArray(new Trait[0]));
    return new DmaIommuRules(opsSymbol, queueing, lowFirst, padding, all);
  }

  /** Returns these rules without a trait. */
  public DmaIommuRules without(Trait removed) {
    ImmutableSet<Trait> left =
        Sets.immutableEnumSet(Sets.difference(traits, Sets.immutableEnumSet(removed)));
    return new DmaIommuRules(opsSymbol, queueing, lowFirst, padding, left);
  }

  /** How a domain says that its unmapped addresses wait for a flush of everything. */
  public enum Queueing {
    /**
     * By an attribute that the vendor knows.
     *
     * <p>Source: {@code include/linux/iommu.h:DOMAIN_ATTR_DMA_USE_FLUSH_QUEUE}.
     */
    BY_ATTRIBUTE,
    /**
     * By its type.
     *
     * <p>Source: {@code include/linux/iommu.h:IOMMU_DOMAIN_DMA_FQ}.
     */
    BY_TYPE
  }

  /**
   * How long addresses below 4 GiB are looked for first.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_alloc_iova}.
   */
  public enum LowFirst {
    /** For every mapping. */
    ALWAYS,
    /** Until there are none for the first time: from then on the device does without, for good. */
    UNTIL_NONE_ARE_LEFT
  }

  /**
   * What is set to zero of the pages that a bounced buffer lies in.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_map_page}.
   */
  public enum Padding {
    /** Nothing: no device bounces. */
    NONE,
    /** What follows the data; and the data too, unless the device reads what was just copied. */
    DATA_THAT_IS_NOT_READ,
    /** What lies before and after the data. */
    AROUND_DATA
  }

  /** Something that a release's dma-iommu does and others do not. */
  public enum Trait {
    /**
     * An address that could not be mapped goes back through the queue, as if the hardware knew it.
     *
     * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_free_iova}.
     */
    QUEUES_WHAT_WAS_NOT_MAPPED,
    /**
     * Unmapping looks up what is mapped, and does nothing if that is nothing.
     *
     * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_unmap_page}.
     */
    LOOKS_UP_BEFORE_UNMAP,
    /**
     * A list of no bytes takes an address; unmapping it, or any list that begins with nothing,
     * gives a page back.
     *
     * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_map_sg}, {@code iommu_dma_unmap_sg}.
     */
    GIVES_NO_BYTES_AN_ADDRESS,
    /**
     * A list fails if one of its entries has 4 GiB or more when padded; else that length wraps.
     *
     * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_map_sg}.
     */
    REFUSES_OVERLONG_ENTRIES,
    /**
     * A list that fails is answered by an error number, not by 0.
     *
     * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_map_sg}.
     */
    TELLS_LIST_ERRORS,
    /**
     * A host bridge may list what it forwards in any order.
     *
     * <p>Source: {@code drivers/iommu/dma-iommu.c:iova_reserve_pci_windows}.
     */
    SORTS_DMA_RANGES,
    /**
     * Coherent memory is any pages, unless the caller wants one block.
     *
     * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_alloc_remap}.
     */
    ALLOCATES_PIECES,
    /**
     * Nothing is mapped for a device that wants more of an address kept than its offset in a page.
     *
     * <p>Source: {@code drivers/iommu/dma-iommu.c:__iommu_dma_map}.
     */
    REFUSES_WIDE_ALIGNMENT,
    /**
     * The largest size is told for which addresses are cached.
     *
     * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_opt_mapping_size}.
     */
    TELLS_BEST_SIZE
  }
}

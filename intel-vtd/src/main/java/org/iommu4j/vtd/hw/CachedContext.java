package org.iommu4j.vtd.hw;

import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.PasidEntry;
import org.jspecify.annotations.Nullable;

/** What is known of one function's context: a valid entry, or why there is none. */
final class CachedContext {
  final int sourceId;
  final ContextEntry entry;
  final @Nullable FaultReason fault;

  /** The tag by which it is invalidated: the domain, or 0 where there is no valid entry. */
  final int domainId;

  final int translationType;
  final boolean passThrough;
  private final boolean firstStage;

  /** The width of addresses that may be translated, in bits. */
  final int widthBits;

  /** Keeps what a lookup found, on a unit whose addresses have this many bits. */
  CachedContext(ContextLookup lookup, int mgawBits) {
    ContextEntry found = lookup.context();
    this.sourceId = lookup.sourceId();
    this.entry = found == null ? ContextEntry.absent() : found;
    this.fault = lookup.fault();
    this.domainId = fault == null ? entry.domainId() : 0;
    this.translationType = entry.translationType();
    this.passThrough = fault == null && translationType == ContextEntry.TT_PASS_THROUGH;
    PasidPath pasid = lookup.pasid();
    PasidEntry space = pasid == null ? null : pasid.entry();
    this.firstStage = space != null && space.translationType() == PasidEntry.FIRST_STAGE;
    this.widthBits = Math.min(mgawBits, entry.addressWidthBits());
  }

  /** Returns why no table has to be walked to refuse an address; null if none refuses it yet. */
  @Nullable FaultReason refusal(long iova) {
    if (fault != null || passThrough) {
      return fault;
    }
    return iova >>> widthBits == 0 ? null : FaultReason.ADDRESS_BEYOND_WIDTH;
  }

  /** Walks the page tables that the entry points to. */
  PageTableWalk walk(PhysicalMemory memory, PagingRules rules, long iova, @Nullable Access access) {
    PagingRules form = firstStage ? rules.firstStage() : rules;
    return PageTableWalk.of(memory, form, entry.pageTablePhys(), entry.levels(), iova, access);
  }

  boolean isFaultProcessingDisabled() {
    return entry.isFaultProcessingDisabled();
  }
}

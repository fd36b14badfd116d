package org.iommu4j.vtd.hw;

import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
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

  /** The width of addresses that may be translated, in bits. */
  final int widthBits;

  CachedContext(int sourceId, ContextEntry entry, @Nullable FaultReason fault, int mgawBits) {
    this.sourceId = sourceId;
    this.entry = entry;
    this.fault = fault;
    this.domainId = fault == null ? entry.domainId() : 0;
    this.translationType = entry.translationType();
    this.passThrough = fault == null && translationType == ContextEntry.TT_PASS_THROUGH;
    this.widthBits = Math.min(mgawBits, entry.addressWidthBits());
  }

  boolean isFaultProcessingDisabled() {
    return entry.isFaultProcessingDisabled();
  }
}

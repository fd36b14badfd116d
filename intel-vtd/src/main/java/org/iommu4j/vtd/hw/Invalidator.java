package org.iommu4j.vtd.hw;

import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;

/**
 * What an invalidation does to the caches, whether a register or a descriptor asked for it.
 *
 * <p>Every method returns the granularity at which it worked, {@link Granularity#NONE} for a wrong
 * request. Guarded by the unit's lock. Source: VT-d 3.3 section 6.5.1.
 */
final class Invalidator {
  private final Capabilities capabilities;
  private final ContextCache contexts;
  private final Iotlb iotlb;

  Invalidator(Capabilities capabilities, ContextCache contexts, Iotlb iotlb) {
    this.capabilities = capabilities;
    this.contexts = contexts;
    this.iotlb = iotlb;
  }

  void everything() {
    contexts.invalidateAll();
    iotlb.invalidateAll();
  }

  int contexts(int granularity, int domainId, int sourceId, int functionMask) {
    switch (granularity) {
      case Granularity.GLOBAL -> contexts.invalidateAll();
      case Granularity.DOMAIN -> contexts.invalidateDomain(domainId);
      case Granularity.SELECTIVE -> contexts.invalidateDevice(domainId, sourceId, functionMask);
      default -> {
        return Granularity.NONE;
      }
    }
    return granularity;
  }

  int iotlb(int granularity, int domainId, long iova, int addressMask) {
    switch (granularity) {
      case Granularity.GLOBAL -> iotlb.invalidateAll();
      case Granularity.DOMAIN -> iotlb.invalidateDomain(domainId);
      case Granularity.SELECTIVE -> {
        return pages(domainId, iova, addressMask);
      }
      default -> {
        return Granularity.NONE;
      }
    }
    return granularity;
  }

  private int pages(int domainId, long iova, int addressMask) {
    if (!capabilities.pageSelectiveInvalidation()) {
      iotlb.invalidateDomain(domainId);
      return Granularity.DOMAIN;
    }
    if (addressMask > capabilities.maxAddressMask()) {
      return Granularity.NONE;
    }
    iotlb.invalidatePages(domainId, iova, addressMask);
    return Granularity.SELECTIVE;
  }
}

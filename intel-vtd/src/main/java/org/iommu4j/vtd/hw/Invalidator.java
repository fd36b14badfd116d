package org.iommu4j.vtd.hw;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.HardwareObserver.Scope;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.PasidIotlbInvalidate;
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
  private final HardwareObserver observer;

  Invalidator(
      Capabilities capabilities, ContextCache contexts, Iotlb iotlb, HardwareObserver observer) {
    this.capabilities = capabilities;
    this.contexts = contexts;
    this.iotlb = iotlb;
    this.observer = observer;
  }

  void everything() {
    contexts(Granularity.GLOBAL, 0, 0, 0);
    iotlb(Granularity.GLOBAL, 0, 0, 0);
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
    observer.requestersInvalidated(scope(granularity), domainId, sourceId);
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
    observer.translationsInvalidated(scope(granularity), domainId, 0, 0);
    return granularity;
  }

  /** Forgets translations of the address space that requests without one have. */
  int addressSpace(int granularity, int domainId, long iova, int addressMask) {
    if (granularity == PasidIotlbInvalidate.PAGES) {
      iotlb.invalidatePages(domainId, iova, addressMask);
      long sizeBytes = (long) PAGE_BYTES << addressMask;
      observer.translationsInvalidated(Scope.PART, domainId, iova & -sizeBytes, sizeBytes);
      return Granularity.SELECTIVE;
    }
    return granularity == PasidIotlbInvalidate.ALL
        ? iotlb(Granularity.DOMAIN, domainId, 0, 0)
        : Granularity.NONE;
  }

  private static Scope scope(int granularity) {
    return switch (granularity) {
      case Granularity.GLOBAL -> Scope.ALL;
      case Granularity.DOMAIN -> Scope.DOMAIN;
      default -> Scope.PART;
    };
  }

  private int pages(int domainId, long iova, int addressMask) {
    if (!capabilities.pageSelectiveInvalidation()) {
      return iotlb(Granularity.DOMAIN, domainId, iova, addressMask);
    }
    if (addressMask > capabilities.maxAddressMask()) {
      return Granularity.NONE;
    }
    iotlb.invalidatePages(domainId, iova, addressMask);
    long sizeBytes = (long) PAGE_BYTES << addressMask;
    observer.translationsInvalidated(Scope.PART, domainId, iova & -sizeBytes, sizeBytes);
    return Granularity.SELECTIVE;
  }
}

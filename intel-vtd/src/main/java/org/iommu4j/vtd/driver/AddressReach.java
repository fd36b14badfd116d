package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.vtd.policy.AddressWidths;

/**
 * How far the addresses of a domain reach: what its units translate, and what its owner has mapped.
 *
 * <p>Thread-safe; what can be mapped is read without a lock.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct dmar_domain}, {@code gaw} and {@code
 * max_addr}.
 */
final class AddressReach {
  private final boolean forced;
  private final boolean canonical;

  @GuardedBy("this") private long maxAddress;

  private volatile int widthBits = AddressWidths.DEFAULT_WIDTH;
  private volatile DomainGeometry geometry;

  /**
   * Makes the reach of a domain that no unit limits.
   *
   * @param paged whether the domain translates by a page table of its own
   */
  AddressReach(boolean paged) {
    this(paged, false);
  }

  /**
   * Makes the reach of a domain that no unit limits.
   *
   * @param paged whether the domain translates by a page table of its own
   * @param canonical whether the highest bit of an address is that of all above it, so that half of
   *     the addresses are out of reach
   */
  AddressReach(boolean paged, boolean canonical) {
    this.forced = paged;
    this.canonical = canonical;
    this.geometry = new DomainGeometry(0, paged ? maxIova() : 0, paged);
  }

  /** Returns the highest I/O address that the domain translates. */
  long maxIova() {
    return (1L << widthBits) - 1;
  }

  int widthBits() {
    return widthBits;
  }

  /** Returns what the owner is told of the reach: what it was when a unit came or went last. */
  DomainGeometry geometry() {
    return geometry;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:domain_update_iommu_cap}. */
  void updateGeometry() {
    geometry = new DomainGeometry(0, canonical ? maxIova() >>> 1 : maxIova(), forced);
  }

  /**
   * Takes a unit's width as the domain's, unless more is mapped.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:prepare_domain_attach_device}.
   *
   * @return whether the width reaches all that is mapped
   */
  synchronized boolean fit(int bits) {
    if (bits < Long.SIZE && Long.compareUnsigned(maxAddress, 1L << bits) > 0) {
      return false;
    }
    widthBits = bits;
    return true;
  }

  /** Returns the end of the highest mapping, exclusive, as the kernel keeps it. */
  synchronized long maxAddress() {
    return maxAddress;
  }

  /** Notes a mapping's end, exclusive; returns whether the domain reaches it. */
  synchronized boolean raiseTo(long end) {
    if (Long.compareUnsigned(end, maxAddress) > 0) {
      if (Long.compareUnsigned(end, maxIova() + 1) > 0) {
        return false;
      }
      maxAddress = end;
    }
    return true;
  }

  /** Notes that a range is unmapped, which counts if it was the highest. */
  synchronized void unmapped(long start, long end) {
    if (maxAddress == end) {
      maxAddress = start;
    }
  }
}

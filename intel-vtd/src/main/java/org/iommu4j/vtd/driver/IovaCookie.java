package org.iommu4j.vtd.driver;

import org.jspecify.annotations.Nullable;

/**
 * What hands out a domain's addresses to the DMA API, kept with the domain. A domain whose owner
 * maps it has none.
 *
 * <p>Implementations must be thread-safe.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct dmar_domain}, {@code iovad}.
 */
public interface IovaCookie {
  /** Keeps I/O pages from being handed out. */
  void reserve(long firstPfn, long lastPfn);

  /** Ends handing out; called once, before the domain's memory is given back. */
  void close();

  /**
   * Returns a domain's cookie, which it is to have.
   *
   * @throws IllegalArgumentException if it has none, where the kernel follows a null pointer
   */
  static IovaCookie required(@Nullable IovaCookie cookie) {
    if (cookie == null) {
      throw new IllegalArgumentException(
          "the device is attached to a domain of somebody's own: the kernel does not survive its"
              + " driver's mapping or unmapping there");
    }
    return cookie;
  }

  /** Makes the cookies of a system's domains. */
  @FunctionalInterface
  interface Factory {
    /**
     * Makes the cookie of a domain that nobody is attached to.
     *
     * @param space the domain's addresses, which the cookie's owner maps and unmaps
     */
    IovaCookie of(AddressSpace space);
  }
}

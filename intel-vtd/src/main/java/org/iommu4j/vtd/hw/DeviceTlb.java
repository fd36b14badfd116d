package org.iommu4j.vtd.hw;

/**
 * The devices' own caches of translations, as far as a remapping unit meets them.
 *
 * <p>Implementations must be thread-safe and must not access the unit's registers: the unit holds
 * its lock while it calls.
 */
@FunctionalInterface
public interface DeviceTlb {
  /** Devices without caches, which have nothing to forget. */
  DeviceTlb NONE = (sourceId, startIova, lengthBytes) -> true;

  /**
   * Forgets translations.
   *
   * @param sourceId the function
   * @param startIova the first address
   * @param lengthBytes how many bytes, a power of two; 0 for all 2^64
   * @return whether the device answered; false makes the invalidation time out
   */
  boolean invalidate(int sourceId, long startIova, long lengthBytes);
}

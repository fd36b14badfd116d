package org.iommu4j.dma;

import org.jspecify.annotations.Nullable;

/**
 * Sees the calls of one system's DMA API, each with its arguments and its answer, whatever the
 * device is mapped with: operations, bounce slots, or nothing at all.
 *
 * <p>Each call is told twice: to {@link #begins} before anything of it has happened, and after all
 * of it to the method of its own name, of the observer that {@code begins} returned. A call that
 * ends with an exception is not told the second time. What a call makes the API do by itself is
 * told too: a pool that is out of blocks allocates coherent memory.
 *
 * <p>An observer is called by the thread whose call it is, on every call, and that thread waits for
 * it. Implementations must be thread-safe, must not allocate if mappings are to allocate nothing,
 * and must not call the API of the same system; what they throw, the caller of the API gets. Every
 * method does nothing unless it is overridden.
 */
public interface DmaObserver {
  /** Sees nothing. */
  DmaObserver NONE = new DmaObserver() {};

  /**
   * A call begins.
   *
   * @param ops what it goes to: the operations of the device, or the direct ones
   * @return who is told how it ends: this observer, or another one for this call alone
   */
  default DmaObserver begins(DmaCall call, Device device, DmaOps ops) {
    return this;
  }

  /** {@link DmaMapping#mapPage} returned an address or {@link DmaMapping#MAPPING_ERROR}. */
  default void mapPage(
      Device device,
      long pagePhys,
      long offsetBytes,
      long sizeBytes,
      DmaDirection direction,
      int attributes,
      long dmaAddr) {}

  /** {@link DmaMapping#unmapPage} was called. */
  default void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {}

  /** {@link DmaMapping#mapSg} returned how many entries the device has to follow, 0 for none. */
  default void mapSg(
      Device device, ScatterList list, DmaDirection direction, int attributes, int entries) {}

  /** {@link DmaMapping#unmapSg} was called. */
  default void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {}

  /** {@link DmaMapping#mapResource} returned an address or {@link DmaMapping#MAPPING_ERROR}. */
  default void mapResource(
      Device device,
      long phys,
      long sizeBytes,
      DmaDirection direction,
      int attributes,
      long dmaAddr) {}

  /** {@link DmaMapping#unmapResource} was called. */
  default void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {}

  /** {@link DmaMapping#allocCoherent} returned memory, or null. */
  default void allocCoherent(
      Device device, long sizeBytes, int attributes, @Nullable CoherentBuffer buffer) {}

  /** {@link DmaMapping#freeCoherent} was called. */
  default void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {}

  /** {@link NoncoherentMemory#allocPages} returned pages, or null. */
  default void allocPages(
      Device device, long sizeBytes, DmaDirection direction, @Nullable DmaPages pages) {}

  /** {@link NoncoherentMemory#freePages} was called. */
  default void freePages(Device device, DmaPages pages) {}

  /** {@link DmaMapping#syncSingleForCpu} was called. */
  default void syncSingleForCpu(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {}

  /** {@link DmaMapping#syncSingleForDevice} was called. */
  default void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {}

  /** {@link DmaMapping#syncSgForCpu} was called. */
  default void syncSgForCpu(Device device, ScatterList list, DmaDirection direction) {}

  /** {@link DmaMapping#syncSgForDevice} was called. */
  default void syncSgForDevice(Device device, ScatterList list, DmaDirection direction) {}

  /** {@link DmaMapping#mappingError} returned whether a mapping failed; told once, afterwards. */
  default void mappingError(Device device, long dmaAddr, boolean failed) {}

  /** Returns this observer and another as one; this one is told first. */
  default DmaObserver and(DmaObserver other) {
    if (this == NONE || other == NONE) {
      return this == NONE ? other : this;
    }
    return new DmaObserverPair(this, other);
  }
}

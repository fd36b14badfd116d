package org.iommu4j.dma;

import org.jspecify.annotations.Nullable;

/**
 * The operations that map memory for one device, as {@code struct dma_map_ops} of the kernel.
 *
 * <p>A device without any ({@link Device#dmaOps()} is null) is mapped directly. Implementations
 * must be thread-safe, since one object serves every device that it was chosen for; must not
 * allocate on the map and unmap paths in steady state; and must answer a failure with the value
 * named here and not with an exception.
 *
 * <p>Source: {@code include/linux/dma-map-ops.h:struct dma_map_ops}.
 */
public interface DmaOps {
  /** Returns the kernel's symbol of these operations, such as {@code intel_dma_ops}. */
  String symbol();

  /** Returns the way that these operations map. */
  default DmaPath path() {
    return DmaPath.REMAPPED;
  }

  /**
   * Maps one buffer.
   *
   * @param phys the physical address of the buffer's first byte
   * @param sizeBytes the buffer's size
   * @param attributes bits of {@link DmaAttributes}
   * @return its address for the device, or {@link DmaMapping#MAPPING_ERROR}
   */
  long mapPage(Device device, long phys, long sizeBytes, DmaDirection direction, int attributes);

  /** Undoes {@link #mapPage}, with the size and direction that it was given. */
  void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes);

  /**
   * Maps a list of pieces and notes in it where each went.
   *
   * @return how many entries the device has to follow; on failure 0 or a negative error number,
   *     which only those are told who map an {@link SgTable}
   */
  int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes);

  /** Undoes {@link #mapSg}. */
  void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes);

  /**
   * Maps the registers of another device.
   *
   * @return their address for the device, or {@link DmaMapping#MAPPING_ERROR}
   */
  long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes);

  /** Undoes {@link #mapResource}. */
  void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes);

  /** Allocates zeroed memory that CPU and device share, or returns null if there is none. */
  @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes);

  /** Frees what {@link #allocCoherent} returned. */
  void freeCoherent(Device device, CoherentBuffer buffer, int attributes);

  /**
   * Allocates zeroed pages and maps them for one direction; returns null if there are none, or if
   * these operations do not do that.
   *
   * @param sizeBytes a multiple of 4096
   */
  default @Nullable DmaPages allocPages(Device device, long sizeBytes, DmaDirection direction) {
    return null;
  }

  /** Frees what {@link #allocPages} returned. */
  default void freePages(Device device, DmaPages pages) {}

  /** Returns whether coherent memory can be mapped for user space and listed for others. */
  default boolean exportsCoherent() {
    return false;
  }

  /** Lets the CPU see what the device wrote; nothing to do unless buffers bounce. */
  default void syncSingleForCpu(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {}

  /** Lets the device see what the CPU wrote; nothing to do unless buffers bounce. */
  default void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {}

  /** Does {@link #syncSingleForCpu} for each entry of a list. */
  default void syncSgForCpu(Device device, ScatterList list, DmaDirection direction) {}

  /** Does {@link #syncSingleForDevice} for each entry of a list. */
  default void syncSgForDevice(Device device, ScatterList list, DmaDirection direction) {}

  /** Returns whether a device with this mask can be served. */
  boolean isSupported(Device device, long mask);

  /** Returns the smallest mask with which all memory can be reached without bouncing. */
  default long requiredMask(Device device) {
    return DmaMapping.bitMask(32);
  }

  /** Returns the largest size that one mapping may have, in bytes. */
  default long maxMappingSizeBytes(Device device) {
    return DmaMapping.NO_LIMIT;
  }

  /** Returns the mask of the boundary at which list entries can be merged, or 0 for never. */
  default long mergeBoundary(Device device) {
    return 0;
  }

  /** Returns the size up to which mappings are made fast, in bytes. */
  default long bestMappingSizeBytes(Device device) {
    return DmaMapping.NO_LIMIT;
  }

  /** Returns whether {@code sync} calls do anything for a mapping at this address. */
  default boolean needsSync(Device device, long dmaAddr) {
    return false;
  }
}

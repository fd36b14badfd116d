package org.iommu4j.dma;

import java.util.Objects;
import org.iommu4j.base.Errno;

/**
 * What the DMA API says of a device before anything is mapped: the masks that it can be served
 * with, and how large a mapping may be. Thread-safe.
 *
 * <p>Source: {@code kernel/dma/mapping.c}, {@code include/linux/dma-mapping.h}.
 */
abstract sealed class DmaLimits permits DmaMapping {
  private final DmaOps direct;
  private final boolean skipsSync;

  DmaLimits(DmaOps direct, DispatchRules.Syncing syncing) {
    this.direct = Objects.requireNonNull(direct, "direct");
    this.skipsSync = syncing == DispatchRules.Syncing.SKIPPED_UNTIL_BOUNCED;
  }

  /** Returns what a device is mapped with. */
  DmaOps opsOf(Device device) {
    DmaOps ops = device.dmaOps();
    return ops == null ? direct : ops;
  }

  /** Returns whether a device with this mask can be served. */
  public boolean isSupported(Device device, long mask) {
    return opsOf(device).isSupported(device, mask);
  }

  /** Sets the device's streaming mask; returns 0, or -5 (EIO) if it cannot be served. */
  public int setMask(Device device, long mask) {
    if (!isSupported(device, mask)) {
      return Errno.EIO;
    }
    device.setDmaMask(mask);
    if (skipsSync) {
      device.skipSync();
    }
    return 0;
  }

  /** Sets the device's mask for coherent memory; returns 0, or -5 (EIO) if it cannot be served. */
  public int setCoherentMask(Device device, long mask) {
    if (!isSupported(device, mask)) {
      return Errno.EIO;
    }
    device.setCoherentDmaMask(mask);
    return 0;
  }

  /** Sets both masks; returns 0, or -5 (EIO) if they cannot be served. */
  public int setMaskAndCoherent(Device device, long mask) {
    int result = setMask(device, mask);
    if (result == 0) {
      setCoherentMask(device, mask);
    }
    return result;
  }

  /**
   * Makes one mask of both, so that whoever sets one sets the other, and sets it.
   *
   * @return 0, or -5 (EIO) if it cannot be served; the two are one all the same
   */
  public int coerceMaskAndCoherent(Device device, long mask) {
    device.joinMasks();
    return setMaskAndCoherent(device, mask);
  }

  /** Returns the streaming mask; 32 bits if it is 0. */
  public static long getMask(Device device) {
    long mask = device.dmaMask();
    return mask == 0 ? DmaMapping.bitMask(32) : mask;
  }

  /** Returns the smallest mask with which all memory can be reached without bouncing. */
  public long requiredMask(Device device) {
    return opsOf(device).requiredMask(device);
  }

  /** Returns whether the device's mask is smaller than what all memory needs. */
  public boolean isAddressingLimited(Device device) {
    long reach = DmaReach.limit(device, getMask(device));
    return Long.compareUnsigned(reach, requiredMask(device)) < 0;
  }

  /** Returns the largest size that one mapping may have, in bytes; all ones for no limit. */
  public long maxMappingSizeBytes(Device device) {
    return opsOf(device).maxMappingSizeBytes(device);
  }

  /**
   * Returns the size up to which mappings are made fast, in bytes; all ones if all are.
   *
   * <p>Source: {@code kernel/dma/mapping.c:dma_opt_mapping_size}.
   */
  public long bestMappingSizeBytes(Device device) {
    long best = opsOf(device).bestMappingSizeBytes(device);
    long max = maxMappingSizeBytes(device);
    return Long.compareUnsigned(best, max) < 0 ? best : max;
  }

  /** Returns the mask of the boundary at which list entries can be merged, or 0 for never. */
  public long mergeBoundary(Device device) {
    return opsOf(device).mergeBoundary(device);
  }

  /** Returns whether coherent memory of the device can be mapped for user space. */
  public boolean canMmap(Device device) {
    return opsOf(device).exportsCoherent();
  }

  /**
   * Returns whether the sync calls do anything for a mapping at this address.
   *
   * <p>Source: {@code include/linux/dma-mapping.h:dma_need_sync}.
   */
  public boolean needsSync(Device device, long dmaAddr) {
    return !device.skipsSync() && opsOf(device).needsSync(device, dmaAddr);
  }
}

package org.iommu4j.dma;

import java.util.Objects;
import org.iommu4j.base.Errno;
import org.jspecify.annotations.Nullable;

/**
 * A device that can be the master of DMA, as far as the DMA API looks at it.
 *
 * <p>Thread-safe. The operations and the IOMMU's own datum are set while the device is probed, the
 * masks by its driver; all are read on every mapping.
 *
 * <p>Source: {@code include/linux/device.h:struct device}.
 */
public final class Device {
  private static final int DEFAULT_SEGMENT_BYTES = 64 << 10;

  private final String name;
  private volatile @Nullable String driver;
  private volatile @Nullable DmaOps dmaOps;
  private volatile @Nullable Object iommuPrivate;
  private volatile long dmaMask = DmaMapping.bitMask(32);
  private volatile long coherentDmaMask = DmaMapping.bitMask(32);
  private volatile boolean oneMask;
  private volatile long busDmaLimit;
  private volatile boolean skipsSync;
  private volatile @Nullable DmaParameters parameters;

  /**
   * Makes a device that is mapped directly until a driver says otherwise, with the masks and limits
   * that PCI gives a new device: 32 bits, segments of 64 KiB that cross no boundary of 4 GiB.
   *
   * @param name the bus's name of the device, such as {@code 0000:00:05.0}
   */
  public Device(String name) {
    this.name = Objects.requireNonNull(name, "name");
    this.parameters = new DmaParameters(DmaMapping.bitMask(32));
  }

  /** Forgets the limits for segments; from here on none can be set. */
  public void dropParameters() {
    parameters = null;
  }

  /** Returns the bus's name of the device, such as {@code 0000:00:05.0}. */
  public String name() {
    return name;
  }

  /** Returns the name of the driver that the device is bound to, or null if there is none. */
  public @Nullable String driver() {
    return driver;
  }

  /** Sets the name of the driver that the device is bound to; null for none. */
  public void setDriver(@Nullable String driver) {
    this.driver = driver;
  }

  /**
   * Returns what the kernel's lines about the device begin with: its driver, or else its bus, and
   * its name.
   *
   * <p>Source: {@code drivers/base/core.c:dev_driver_string}.
   */
  public String logPrefix() {
    String bound = driver;
    return (bound == null ? "pci" : bound) + " " + name + ": ";
  }

  /** Returns the operations chosen at probe time, or null if the device is mapped directly. */
  public @Nullable DmaOps dmaOps() {
    return dmaOps;
  }

  /**
   * Sets the operations that later mappings go through; null means direct mapping.
   *
   * <p>Source: {@code include/linux/dma-map-ops.h:set_dma_ops}.
   */
  public void setDmaOps(@Nullable DmaOps dmaOps) {
    this.dmaOps = dmaOps;
  }

  /** Returns the way that the device's mappings take. */
  public DmaPath dmaPath() {
    DmaOps ops = dmaOps;
    return ops == null ? DmaPath.DIRECT : ops.path();
  }

  /**
   * Returns what the IOMMU's driver keeps with the device, or null.
   *
   * <p>Source: {@code include/linux/iommu.h:dev_iommu_priv_get}.
   */
  public @Nullable Object iommuPrivate() {
    return iommuPrivate;
  }

  /** Sets what the IOMMU's driver keeps with the device; no one else calls this. */
  public void setIommuPrivate(@Nullable Object iommuPrivate) {
    this.iommuPrivate = iommuPrivate;
  }

  /** Returns the highest I/O address that the device can send for streaming mappings. */
  public long dmaMask() {
    return dmaMask;
  }

  /** Sets the streaming mask unasked; drivers call {@link DmaMapping#setMask}. */
  void setDmaMask(long mask) {
    dmaMask = mask;
    if (oneMask) {
      coherentDmaMask = mask;
    }
  }

  /** Returns the highest I/O address that the device can send for coherent memory. */
  public long coherentDmaMask() {
    return coherentDmaMask;
  }

  /** Sets the coherent mask unasked; drivers call {@link DmaMapping#setCoherentMask}. */
  void setCoherentDmaMask(long mask) {
    coherentDmaMask = mask;
    if (oneMask) {
      dmaMask = mask;
    }
  }

  /** Makes the coherent mask the streaming one too, for good. */
  void joinMasks() {
    oneMask = true;
    dmaMask = coherentDmaMask;
  }

  /** Returns the highest address that the bus above the device forwards, or 0 for no limit. */
  public long busDmaLimit() {
    return busDmaLimit;
  }

  /** Sets the highest address that the bus above the device forwards, 0 for no limit. */
  public void setBusDmaLimit(long limit) {
    busDmaLimit = limit;
  }

  /**
   * Returns whether sync calls have nothing to do for the device, whatever its mappings are.
   *
   * <p>Source: {@code include/linux/device.h:struct device}, {@code dma_skip_sync}.
   */
  public boolean skipsSync() {
    return skipsSync;
  }

  /**
   * Says that sync calls have nothing to do for the device until one of its buffers bounces.
   *
   * <p>Source: {@code kernel/dma/mapping.c:dma_setup_need_sync}.
   */
  public void skipSync() {
    skipsSync = true;
  }

  /**
   * Says that a buffer of the device bounces, so that sync calls have to look.
   *
   * <p>Source: {@code include/linux/dma-mapping.h:dma_reset_need_sync}.
   */
  public void resetSkipSync() {
    if (skipsSync) {
      skipsSync = false;
    }
  }

  /**
   * Returns the low address bits that a bounced buffer must keep.
   *
   * <p>Source: {@code include/linux/dma-mapping.h:dma_get_min_align_mask}.
   */
  public int minAlignMask() {
    DmaParameters kept = parameters;
    return kept == null ? 0 : kept.minAlignMask;
  }

  /**
   * Sets the low address bits that a bounced buffer must keep.
   *
   * <p>Source: {@code include/linux/dma-mapping.h:dma_set_min_align_mask}.
   *
   * @return 0, or -5 (EIO) if the device keeps no limits
   */
  public int setMinAlignMask(int mask) {
    DmaParameters kept = parameters;
    if (kept == null) {
      return Errno.EIO;
    }
    kept.minAlignMask = mask;
    return 0;
  }

  /**
   * Returns the largest segment of a list that the device can follow, in bytes, unsigned.
   *
   * <p>Source: {@code include/linux/dma-mapping.h:dma_get_max_seg_size}.
   */
  public int maxSegmentSizeBytes() {
    DmaParameters kept = parameters;
    int set = kept == null ? 0 : kept.maxSegmentSizeBytes;
    return set == 0 ? DEFAULT_SEGMENT_BYTES : set;
  }

  /**
   * Sets the largest segment of a list that the device can follow, in bytes; 0 for 64 KiB.
   *
   * <p>Source: {@code include/linux/dma-mapping.h:dma_set_max_seg_size}.
   *
   * @return 0, or -5 (EIO) if the device keeps no limits
   */
  public int setMaxSegmentSizeBytes(int sizeBytes) {
    DmaParameters kept = parameters;
    if (kept == null) {
      return Errno.EIO;
    }
    kept.maxSegmentSizeBytes = sizeBytes;
    return 0;
  }

  /**
   * Returns the mask of the boundary that no segment of a list may cross, all ones for none.
   *
   * <p>Source: {@code include/linux/dma-mapping.h:dma_get_seg_boundary}.
   */
  public long segmentBoundaryMask() {
    DmaParameters kept = parameters;
    long set = kept == null ? 0 : kept.segmentBoundaryMask;
    return set == 0 ? -1L : set;
  }

  /**
   * Returns the distance of those boundaries in pages of 2^{@code pageShift} bytes, unsigned.
   *
   * <p>Source: {@code include/linux/dma-mapping.h:dma_get_seg_boundary_nr_pages}.
   */
  public long segmentBoundaryPages(int pageShift) {
    return (segmentBoundaryMask() >>> pageShift) + 1;
  }

  /**
   * Sets the mask of the boundary that no segment of a list may cross; 0 for none.
   *
   * <p>Source: {@code include/linux/dma-mapping.h:dma_set_seg_boundary}.
   *
   * @return 0, or -5 (EIO) if the device keeps no limits
   */
  public int setSegmentBoundaryMask(long mask) {
    DmaParameters kept = parameters;
    if (kept == null) {
      return Errno.EIO;
    }
    kept.segmentBoundaryMask = mask;
    return 0;
  }

  @Override
  public String toString() {
    return name;
  }

  /** Source: {@code include/linux/device.h:struct device_dma_parameters}. */
  private static final class DmaParameters {
    private volatile int maxSegmentSizeBytes = DEFAULT_SEGMENT_BYTES;
    private volatile int minAlignMask;
    private volatile long segmentBoundaryMask;

    DmaParameters(long segmentBoundaryMask) {
      this.segmentBoundaryMask = segmentBoundaryMask;
    }
  }
}

package org.iommu4j.dma;

import java.util.Objects;
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
  private final String name;
  private volatile @Nullable String driver;
  private volatile @Nullable DmaOps dmaOps;
  private volatile @Nullable Object iommuPrivate;
  private volatile long dmaMask = DmaMapping.bitMask(32);
  private volatile long coherentDmaMask = DmaMapping.bitMask(32);
  private volatile long busDmaLimit;
  private volatile int minAlignMask;
  private volatile int maxSegmentSizeBytes = 64 << 10;
  private volatile long segmentBoundaryMask = DmaMapping.bitMask(32);

  /**
   * Makes a device that is mapped directly until a driver says otherwise, with the masks that PCI
   * gives a new device: 32 bits.
   *
   * @param name the bus's name of the device, such as {@code 0000:00:05.0}
   */
  public Device(String name) {
    this.name = Objects.requireNonNull(name, "name");
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
  }

  /** Returns the highest I/O address that the device can send for coherent memory. */
  public long coherentDmaMask() {
    return coherentDmaMask;
  }

  /** Sets the coherent mask unasked; drivers call {@link DmaMapping#setCoherentMask}. */
  void setCoherentDmaMask(long mask) {
    coherentDmaMask = mask;
  }

  /** Returns the highest address that the bus above the device forwards, or 0 for no limit. */
  public long busDmaLimit() {
    return busDmaLimit;
  }

  /** Sets the highest address that the bus above the device forwards, 0 for no limit. */
  public void setBusDmaLimit(long limit) {
    busDmaLimit = limit;
  }

  /** Returns the low address bits that a bounced buffer must keep. */
  public int minAlignMask() {
    return minAlignMask;
  }

  /** Sets the low address bits that a bounced buffer must keep. */
  public void setMinAlignMask(int mask) {
    minAlignMask = mask;
  }

  /** Returns the largest segment of a list that the device can follow, in bytes. */
  public int maxSegmentSizeBytes() {
    return maxSegmentSizeBytes;
  }

  /** Sets the largest segment of a list that the device can follow, in bytes. */
  public void setMaxSegmentSizeBytes(int sizeBytes) {
    maxSegmentSizeBytes = sizeBytes;
  }

  /** Returns the mask of the boundary that no segment of a list may cross. */
  public long segmentBoundaryMask() {
    return segmentBoundaryMask;
  }

  /** Sets the mask of the boundary that no segment of a list may cross. */
  public void setSegmentBoundaryMask(long mask) {
    segmentBoundaryMask = mask;
  }

  @Override
  public String toString() {
    return name;
  }
}

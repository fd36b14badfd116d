package org.iommu4j.dma;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A device that can be the master of DMA, as far as the DMA API looks at it.
 *
 * <p>Thread-safe. The operations are set once, while the device is probed, and read on every
 * mapping.
 *
 * <p>Source: {@code include/linux/device.h:struct device}.
 */
public final class Device {
  private final String name;
  private volatile @Nullable DmaOps dmaOps;

  /**
   * Makes a device that is mapped directly until a driver says otherwise.
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

  @Override
  public String toString() {
    return name;
  }
}

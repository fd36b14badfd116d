package org.iommu4j.dma;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

/**
 * What a device can address without help: its masks, cut by the limit of the bus above it.
 *
 * <p>I/O addresses and physical ones are the same numbers here. All compares are unsigned; a mask
 * or limit of 0 is none.
 *
 * <p>Source: {@code include/linux/dma-direct.h}, {@code kernel/dma/direct.c}.
 */
public final class DmaReach {
  private static final int ZONE_DMA_BITS = 24;

  private DmaReach() {}

  /**
   * Returns whether the device can stream to and from each byte of a range.
   *
   * <p>Source: {@code include/linux/dma-direct.h:dma_capable}.
   */
  public static boolean isCapable(Device device, long dmaAddr, long sizeBytes) {
    return dmaAddr != DmaMapping.MAPPING_ERROR
        && Long.compareUnsigned(dmaAddr + sizeBytes - 1, limit(device, device.dmaMask())) <= 0;
  }

  /**
   * Returns whether the device can reach each byte of a piece of coherent memory.
   *
   * <p>Source: {@code kernel/dma/direct.c:dma_coherent_ok}.
   */
  public static boolean isCoherentCapable(Device device, long dmaAddr, long sizeBytes) {
    long limit = limit(device, device.coherentDmaMask());
    return dmaAddr != DmaMapping.MAPPING_ERROR
        && Long.compareUnsigned(dmaAddr + sizeBytes - 1, limit) <= 0;
  }

  /** Returns the highest address that passes both this mask and the bus above the device. */
  public static long limit(Device device, long mask) {
    long bus = device.busDmaLimit();
    if (bus == 0 || (mask != 0 && Long.compareUnsigned(mask, bus) < 0)) {
      return mask;
    }
    return bus;
  }

  /**
   * Returns the smallest mask, all ones from some bit on, that reaches all memory.
   *
   * <p>Source: {@code kernel/dma/direct.c:dma_direct_get_required_mask}.
   *
   * @param maxPfn the number of the page frame after the last of RAM
   */
  public static long requiredMask(long maxPfn) {
    long lastPagePhys = (maxPfn - 1) << PAGE_SHIFT;
    return (Long.highestOneBit(lastPagePhys) << 1) - 1;
  }

  /**
   * Returns whether memory can be found for a device with this mask.
   *
   * <p>Source: {@code kernel/dma/direct.c:dma_direct_supported}.
   *
   * @param maxPfn the number of the page frame after the last of RAM
   */
  public static boolean isSupported(long mask, long maxPfn) {
    if (Long.compareUnsigned(mask, DmaMapping.bitMask(32)) >= 0) {
      return true;
    }
    long lastPagePhys = (maxPfn - 1) << PAGE_SHIFT;
    return Long.compareUnsigned(mask, Math.min(lastPagePhys, DmaMapping.bitMask(ZONE_DMA_BITS)))
        >= 0;
  }

  /**
   * Returns the kernel's words for an address that the device cannot reach.
   *
   * @param subject what the address is, such as {@code DMA addr}
   */
  public static String overflow(String subject, Device device, long dmaAddr, long sizeBytes) {
    return String.format(
        "%s 0x%016x+%s overflow (mask %x, bus limit %x).",
        subject, dmaAddr, Long.toUnsignedString(sizeBytes), device.dmaMask(), device.busDmaLimit());
  }
}

package org.iommu4j.dma;

/**
 * The zones of RAM that an x86-64 kernel allocates from, by the highest address they reach.
 *
 * <p>Source: {@code include/linux/mmzone.h:enum zone_type}.
 */
public enum MemoryZone {
  /** Below 16 MiB: what a device on the ISA bus can address. */
  DMA(0, 1L << 24),
  /** From 16 MiB to 4 GiB: what a device with a 32-bit mask can address. */
  DMA32(1L << 24, 1L << 32),
  /** From 4 GiB on. */
  NORMAL(1L << 32, 1L << PhysicalMemory.ADDRESS_BITS);

  private final PhysRange range;

  MemoryZone(long startPhys, long endPhys) {
    this.range = new PhysRange(startPhys, endPhys);
  }

  /** Returns the addresses that the zone spans, RAM or not. */
  public PhysRange range() {
    return range;
  }
}

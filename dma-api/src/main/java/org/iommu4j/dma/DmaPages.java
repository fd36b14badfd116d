package org.iommu4j.dma;

/**
 * Pages that were allocated and mapped in one call. Immutable.
 *
 * @param phys the physical address of the first byte
 * @param dmaAddr its address for the device
 * @param sizeBytes the size, a multiple of 4096
 * @param direction which way data moves
 */
public record DmaPages(long phys, long dmaAddr, long sizeBytes, DmaDirection direction) {}

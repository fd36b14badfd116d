package org.iommu4j.dma;

/**
 * Memory that CPU and device share until it is freed. Immutable.
 *
 * @param phys the physical address of its first byte
 * @param dmaAddr its address for the device
 * @param sizeBytes the size that was asked for
 */
public record CoherentBuffer(long phys, long dmaAddr, long sizeBytes) {}

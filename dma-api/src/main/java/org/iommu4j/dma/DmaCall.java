package org.iommu4j.dma;

/**
 * The calls of the DMA API that a {@link DmaObserver} is told of in two steps. {@code mapSingle}
 * and its kin are the calls that they stand for.
 */
public enum DmaCall {
  /** {@link DmaMapping#mapPage}. */
  MAP_PAGE,
  /** {@link DmaMapping#unmapPage}. */
  UNMAP_PAGE,
  /** {@link DmaMapping#mapSg}. */
  MAP_SG,
  /** {@link DmaMapping#unmapSg}. */
  UNMAP_SG,
  /** {@link DmaMapping#mapResource}. */
  MAP_RESOURCE,
  /** {@link DmaMapping#unmapResource}. */
  UNMAP_RESOURCE,
  /** {@link DmaMapping#allocCoherent}. */
  ALLOC_COHERENT,
  /** {@link DmaMapping#freeCoherent}. */
  FREE_COHERENT,
  /** {@link NoncoherentMemory#allocPages}. */
  ALLOC_PAGES,
  /** {@link NoncoherentMemory#freePages}. */
  FREE_PAGES,
  /** {@link DmaMapping#syncSingleForCpu}. */
  SYNC_SINGLE_FOR_CPU,
  /** {@link DmaMapping#syncSingleForDevice}. */
  SYNC_SINGLE_FOR_DEVICE,
  /** {@link DmaMapping#syncSgForCpu}. */
  SYNC_SG_FOR_CPU,
  /** {@link DmaMapping#syncSgForDevice}. */
  SYNC_SG_FOR_DEVICE
}

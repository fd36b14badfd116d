package org.iommu4j.vtd.dma;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iova.SizeRounding;

/**
 * What releases do differently in the driver's own DMA operations, which no release after 5.10 has.
 *
 * @param sizes how many pages of addresses a mapping takes
 */
@Immutable
public record DmaRules(SizeRounding sizes) {}

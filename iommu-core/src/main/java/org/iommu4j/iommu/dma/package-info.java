/**
 * The DMA API of every IOMMU: what a vendor's domain is enough for.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c}.
 */
@NullMarked
package org.iommu4j.iommu.dma;

import org.jspecify.annotations.NullMarked;

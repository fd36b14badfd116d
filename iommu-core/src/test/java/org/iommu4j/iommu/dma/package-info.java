/** The DMA API on a domain that nobody makes. */
@NullMarked
package org.iommu4j.iommu.dma;

import org.jspecify.annotations.NullMarked;

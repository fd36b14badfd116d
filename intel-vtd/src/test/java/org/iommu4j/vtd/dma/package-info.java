/** Tests of Intel's own DMA operations. */
@NullMarked
package org.iommu4j.vtd.dma;

import org.jspecify.annotations.NullMarked;

/** Intel's own DMA operations, which Linux 5.10 is the last to have. */
@NullMarked
package org.iommu4j.vtd.dma;

import org.jspecify.annotations.NullMarked;

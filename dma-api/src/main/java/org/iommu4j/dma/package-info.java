/**
 * The DMA API as a driver sees it: a device, the operations chosen for it, and the direction of a
 * transfer.
 */
@NullMarked
package org.iommu4j.dma;

import org.jspecify.annotations.NullMarked;

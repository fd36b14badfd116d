/**
 * The DMA API as a driver sees it: a device, the operations chosen for it, the memory that it
 * moves, and who sees the calls and the hardware.
 */
@NullMarked
package org.iommu4j.dma;

import org.jspecify.annotations.NullMarked;

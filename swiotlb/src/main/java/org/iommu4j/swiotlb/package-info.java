/** The pool of bounce slots of {@code kernel/dma/swiotlb.c}. */
@NullMarked
package org.iommu4j.swiotlb;

import org.jspecify.annotations.NullMarked;

/** Null DMA operations: a device sees memory at its own addresses. */
@NullMarked
package org.iommu4j.passthrough;

import org.jspecify.annotations.NullMarked;

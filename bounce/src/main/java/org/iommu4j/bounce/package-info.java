/** DMA operations that keep an untrusted device out of the rest of a buffer's pages. */
@NullMarked
package org.iommu4j.bounce;

import org.jspecify.annotations.NullMarked;

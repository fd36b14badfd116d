/** What each release's dma-iommu does, a file a release. */
@NullMarked
package org.iommu4j.iommu.dma.release;

import org.jspecify.annotations.NullMarked;

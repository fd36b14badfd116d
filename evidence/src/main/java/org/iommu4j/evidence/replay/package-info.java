/**
 * Scripts of calls to the DMA API that were recorded on a real kernel, and their replay on the
 * model.
 */
@NullMarked
package org.iommu4j.evidence.replay;

import org.jspecify.annotations.NullMarked;

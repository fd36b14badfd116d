/**
 * The kernel's own traces of DMA mappings by real drivers (ftrace), and their replay on the model.
 */
@NullMarked
package org.iommu4j.evidence.trace;

import org.jspecify.annotations.NullMarked;

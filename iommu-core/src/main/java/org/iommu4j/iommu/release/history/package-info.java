/**
 * From when on kernels have which rule, and which rules therefore stand for a machine's release.
 */
@NullMarked
package org.iommu4j.iommu.release.history;

import org.jspecify.annotations.NullMarked;

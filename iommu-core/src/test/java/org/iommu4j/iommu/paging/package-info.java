/** How ranges become pages. */
@NullMarked
package org.iommu4j.iommu.paging;

import org.jspecify.annotations.NullMarked;

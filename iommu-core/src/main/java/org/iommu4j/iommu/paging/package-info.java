/** How ranges become pages of the sizes that a domain has. */
@NullMarked
package org.iommu4j.iommu.paging;

import org.jspecify.annotations.NullMarked;

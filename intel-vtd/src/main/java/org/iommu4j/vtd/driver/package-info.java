/** What Linux's Intel IOMMU driver does: state and the DMA operations. */
@NullMarked
package org.iommu4j.vtd.driver;

import org.jspecify.annotations.NullMarked;

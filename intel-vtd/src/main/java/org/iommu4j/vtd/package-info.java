/** Intel VT-d as a vendor of the IOMMU core. */
@NullMarked
package org.iommu4j.vtd;

import org.jspecify.annotations.NullMarked;

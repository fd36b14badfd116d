/** AMD-Vi as a vendor of the IOMMU core. */
@NullMarked
package org.iommu4j.amdvi;

import org.jspecify.annotations.NullMarked;

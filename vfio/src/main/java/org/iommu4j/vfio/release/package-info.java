/** What VFIO does in each release that is known. */
@NullMarked
package org.iommu4j.vfio.release;

import org.jspecify.annotations.NullMarked;

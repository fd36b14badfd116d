/** Type1: the VFIO IOMMU driver that maps a process's memory for devices. */
@NullMarked
package org.iommu4j.vfio.type1;

import org.jspecify.annotations.NullMarked;

/** Containers, groups and devices, as {@code /dev/vfio} offers them to user space. */
@NullMarked
package org.iommu4j.vfio;

import org.jspecify.annotations.NullMarked;

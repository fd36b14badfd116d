/**
 * What user space and VFIO pass to each other: the structures of {@code include/uapi/linux/vfio.h}.
 */
@NullMarked
package org.iommu4j.vfio.uapi;

import org.jspecify.annotations.NullMarked;

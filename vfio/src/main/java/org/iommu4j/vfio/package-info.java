/**
 * VFIO: devices in the hands of user space and guests. {@link org.iommu4j.vfio.Vfio} is the way in.
 */
@NullMarked
package org.iommu4j.vfio;

import org.jspecify.annotations.NullMarked;

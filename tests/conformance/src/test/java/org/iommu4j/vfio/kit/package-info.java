/** User-space drivers on the kit's machine, with IOMMUs of several vendors. */
@NullMarked
package org.iommu4j.vfio.kit;

import org.jspecify.annotations.NullMarked;

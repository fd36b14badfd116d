/** Locks of the map path, for sections of a few dozen instructions. */
@NullMarked
package org.iommu4j.base.lock;

import org.jspecify.annotations.NullMarked;

/** The kit's contracts, inherited by the vendors and allocators of this project. */
@NullMarked
package org.iommu4j.kit;

import org.jspecify.annotations.NullMarked;

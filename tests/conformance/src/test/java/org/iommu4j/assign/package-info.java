/** Devices of recorded machines, and whether they can be handed out. */
@NullMarked
package org.iommu4j.assign;

import org.jspecify.annotations.NullMarked;

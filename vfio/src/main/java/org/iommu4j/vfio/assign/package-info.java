/**
 * Whether a device can be handed to a guest or to user space, and everything that stands in the
 * way: findings from facts and a boot's report, each with its fix and the kernel function behind
 * it.
 */
@NullMarked
package org.iommu4j.vfio.assign;

import org.jspecify.annotations.NullMarked;

/**
 * The facts of a machine: what firmware, hardware and the kernel's files say before any decision.
 */
@NullMarked
package org.iommu4j.machine;

import org.jspecify.annotations.NullMarked;

/**
 * Decisions about handing devices out: pure functions from facts to printable outcomes, each with
 * the kernel function that has the rule.
 */
@NullMarked
package org.iommu4j.vfio.policy;

import org.jspecify.annotations.NullMarked;

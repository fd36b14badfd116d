/**
 * I/O virtual addresses: who may use which page frames of a domain's address space, and when a
 * freed range may be used again.
 *
 * <p>The addresses are those that Linux hands out for the same calls, by the rules of a release;
 * the cost is not. Where the kernel walks its tree of ranges node by node, the search here looks at
 * the widest gap of whole subtrees.
 */
@NullMarked
package org.iommu4j.iova;

import org.jspecify.annotations.NullMarked;

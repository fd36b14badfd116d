/**
 * What the kernel prints when an IOMMU refuses a request: the line read, its meaning, and what
 * probably lies behind it.
 */
@NullMarked
package org.iommu4j.evidence.fault;

import org.jspecify.annotations.NullMarked;

/** What all kernel code has: error numbers, time, CPUs, releases. */
@NullMarked
package org.iommu4j.base;

import org.jspecify.annotations.NullMarked;

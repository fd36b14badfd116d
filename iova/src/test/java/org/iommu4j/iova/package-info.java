/** Tests of the I/O address space: examples, properties, a naive model and real threads. */
@NullMarked
package org.iommu4j.iova;

import org.jspecify.annotations.NullMarked;

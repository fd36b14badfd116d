/**
 * JMH benchmarks: each row has the name and does the work of a row that was measured with the
 * kernel's own code.
 */
@NullMarked
package org.iommu4j.bench;

import org.jspecify.annotations.NullMarked;

/** The tracepoints of all modules. */
@NullMarked
package org.iommu4j.trace;

import org.jspecify.annotations.NullMarked;

/** The tracepoints of all modules, the hardware's events, and observers. */
@NullMarked
package org.iommu4j.trace;

import org.jspecify.annotations.NullMarked;

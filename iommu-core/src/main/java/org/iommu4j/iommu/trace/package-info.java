/** What happens in a booted system while a driver maps and unmaps a buffer. */
@NullMarked
package org.iommu4j.iommu.trace;

import org.jspecify.annotations.NullMarked;

/** What happens in a booted system while a driver maps and unmaps a buffer. */
@NullMarked
package org.iommu4j.evidence.path;

import org.jspecify.annotations.NullMarked;

/** What a domain is and what it keeps free. */
@NullMarked
package org.iommu4j.iommu.domain;

import org.jspecify.annotations.NullMarked;

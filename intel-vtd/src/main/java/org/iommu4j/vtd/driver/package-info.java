/** What Linux's Intel IOMMU driver does: units, domains, page tables, invalidation, faults. */
@NullMarked
package org.iommu4j.vtd.driver;

import org.jspecify.annotations.NullMarked;

/**
 * What Linux decides from a DMAR table: pure functions from facts to results that say which rule
 * decided and what the kernel prints on the way.
 */
@NullMarked
package org.iommu4j.vtd.policy;

import org.jspecify.annotations.NullMarked;

/** What people and programs are shown of a DMAR table and of a walk through VT-d tables. */
@NullMarked
package org.iommu4j.vtd.report;

import org.jspecify.annotations.NullMarked;

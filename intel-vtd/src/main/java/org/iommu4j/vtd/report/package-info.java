/** What people and programs are shown of a DMAR table: text, and a tree for JSON. */
@NullMarked
package org.iommu4j.vtd.report;

import org.jspecify.annotations.NullMarked;

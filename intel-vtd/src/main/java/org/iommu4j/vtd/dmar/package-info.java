/** The ACPI DMAR table: its structures, how Linux walks them, and what it says of broken ones. */
@NullMarked
package org.iommu4j.vtd.dmar;

import org.jspecify.annotations.NullMarked;

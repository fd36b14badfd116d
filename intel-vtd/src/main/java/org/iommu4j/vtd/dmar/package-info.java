/**
 * The ACPI DMAR table: its structures, how they are read and written, and what is wrong with it.
 */
@NullMarked
package org.iommu4j.vtd.dmar;

import org.jspecify.annotations.NullMarked;

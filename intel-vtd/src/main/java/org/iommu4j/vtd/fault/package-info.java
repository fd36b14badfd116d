/** The lines in which Linux tells of faults that a remapping unit recorded, and their reasons. */
@NullMarked
package org.iommu4j.vtd.fault;

import org.jspecify.annotations.NullMarked;

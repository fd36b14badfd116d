/** Fault messages of a vendor that has no module of its own yet. */
@NullMarked
package org.iommu4j.amdvi.fault;

import org.jspecify.annotations.NullMarked;

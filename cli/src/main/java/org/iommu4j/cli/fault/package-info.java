/** Fault messages of a vendor that has no module of its own yet. */
@NullMarked
package org.iommu4j.cli.fault;

import org.jspecify.annotations.NullMarked;

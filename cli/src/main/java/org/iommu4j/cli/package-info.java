/** The iommu4j command line. */
@NullMarked
package org.iommu4j.cli;

import org.jspecify.annotations.NullMarked;

/** What the Intel driver does in each release that is known. */
@NullMarked
package org.iommu4j.vtd.release;

import org.jspecify.annotations.NullMarked;

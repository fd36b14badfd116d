/** What a policy decided, and why. */
@NullMarked
package org.iommu4j.iommu.decision;

import org.jspecify.annotations.NullMarked;

/** What the Intel driver decides before and while it is set up: pure functions from facts. */
@NullMarked
package org.iommu4j.vtd.policy;

import org.jspecify.annotations.NullMarked;

/** A device that attacks, and what it gets. */
@NullMarked
package org.iommu4j.testkit.attack;

import org.jspecify.annotations.NullMarked;

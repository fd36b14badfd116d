/** The kit's contracts and invariants where they need no vendor. */
@NullMarked
package org.iommu4j.testkit;

import org.jspecify.annotations.NullMarked;

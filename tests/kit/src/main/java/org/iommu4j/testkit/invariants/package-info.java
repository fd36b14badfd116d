/** What holds after any calls in any order, as properties over generated sequences of calls. */
@NullMarked
package org.iommu4j.testkit.invariants;

import org.jspecify.annotations.NullMarked;

/** The kit's contracts and invariants with VT-d, and what is VT-d's alone on the kit's machine. */
@NullMarked
package org.iommu4j.vtd.kit;

import org.jspecify.annotations.NullMarked;

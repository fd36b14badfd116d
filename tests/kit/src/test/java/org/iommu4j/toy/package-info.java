/** A vendor that nobody makes, to show that the core knows none by name. */
@NullMarked
package org.iommu4j.toy;

import org.jspecify.annotations.NullMarked;

/** Skeletal implementations of the vendor's interface, to begin a new vendor with. */
@NullMarked
package org.iommu4j.testkit.skeleton;

import org.jspecify.annotations.NullMarked;

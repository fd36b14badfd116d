/** Drivers of the kit's example devices, as {@code docs/drivers.md} shows them. */
@NullMarked
package org.iommu4j.examples;

import org.jspecify.annotations.NullMarked;

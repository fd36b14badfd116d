/**
 * What the silicon of a VT-d remapping unit does, in legacy mode: registers, table walks, caches,
 * invalidation and faults. It knows memory and its registers, and nothing of any driver.
 */
@NullMarked
package org.iommu4j.vtd.hw;

import org.jspecify.annotations.NullMarked;

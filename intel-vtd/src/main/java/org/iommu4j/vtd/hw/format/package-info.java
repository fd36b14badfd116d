/**
 * The layouts that the remapping hardware and its driver share: registers, table entries and
 * invalidation descriptors, each field by the VT-d specification's name.
 */
@NullMarked
package org.iommu4j.vtd.hw.format;

import org.jspecify.annotations.NullMarked;

/**
 * Booting a machine in the model: what Linux decides for every device, and the devices as it leaves
 * them.
 */
@NullMarked
package org.iommu4j.iommu;

import org.jspecify.annotations.NullMarked;

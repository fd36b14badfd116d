/** Example devices that are masters of DMA, for tests of whole driver paths. */
@NullMarked
package org.iommu4j.testkit.devices;

import org.jspecify.annotations.NullMarked;

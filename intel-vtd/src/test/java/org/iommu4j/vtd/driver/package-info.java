/** Tests of the driver's page tables, flush rules and mappings. */
@NullMarked
package org.iommu4j.vtd.driver;

import org.jspecify.annotations.NullMarked;

/** The interface that an IOMMU's vendor implements; found with {@link java.util.ServiceLoader}. */
@NullMarked
package org.iommu4j.iommu.spi;

import org.jspecify.annotations.NullMarked;

/** What the kernel's lines about refused requests say. */
@NullMarked
package org.iommu4j.iommu.fault;

import org.jspecify.annotations.NullMarked;

/** What is said of the kernel's source, against what the kernels define. */
@NullMarked
package org.iommu4j.citations;

import org.jspecify.annotations.NullMarked;

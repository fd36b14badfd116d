/** The differential test against QEMU's device model, driven over its qtest socket. */
@NullMarked
package org.iommu4j.vtd.hw.qemu;

import org.jspecify.annotations.NullMarked;

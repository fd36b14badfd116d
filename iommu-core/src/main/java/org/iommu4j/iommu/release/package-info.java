/**
 * Which releases are known, and what each of them does: the only place where they are told apart.
 */
@NullMarked
package org.iommu4j.iommu.release;

import org.jspecify.annotations.NullMarked;

/**
 * Which releases are known, and what each of them does in the core and below it: only here and in
 * the {@code release} packages of modules above are they told apart.
 */
@NullMarked
package org.iommu4j.iommu.release;

import org.jspecify.annotations.NullMarked;

/** The walls between modules and packages, as {@code ARCHITECTURE.md} draws them. */
@NullMarked
package org.iommu4j.architecture;

import org.jspecify.annotations.NullMarked;

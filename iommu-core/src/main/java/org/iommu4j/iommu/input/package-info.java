/**
 * What the facts are read from: a tree of files laid out like {@code /}, and the one way in which
 * it can be bad.
 */
@NullMarked
package org.iommu4j.iommu.input;

import org.jspecify.annotations.NullMarked;

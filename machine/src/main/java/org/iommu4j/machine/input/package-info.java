/**
 * What the facts are read from: a tree of files laid out like {@code /}, and the one way in which
 * it can be bad.
 */
@NullMarked
package org.iommu4j.machine.input;

import org.jspecify.annotations.NullMarked;

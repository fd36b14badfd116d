/**
 * What a kernel answered on a machine, to compare decisions with and never to make them from, and
 * the writer of captures that hold both.
 */
@NullMarked
package org.iommu4j.evidence.answers;

import org.jspecify.annotations.NullMarked;

/** What a real kernel answered, compared with what the model says. */
@NullMarked
package org.iommu4j.conformance;

import org.jspecify.annotations.NullMarked;

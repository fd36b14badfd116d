/** Boot parameters: what each word of the command line does, and the state that they leave. */
@NullMarked
package org.iommu4j.iommu.policy.params;

import org.jspecify.annotations.NullMarked;

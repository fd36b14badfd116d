/** Tests of what a replay concludes from a transcript before it runs. */
@NullMarked
package org.iommu4j.evidence.replay;

import org.jspecify.annotations.NullMarked;

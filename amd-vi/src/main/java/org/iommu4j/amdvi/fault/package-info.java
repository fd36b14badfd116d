/** The lines in which Linux tells of requests that an AMD-Vi unit refused. */
@NullMarked
package org.iommu4j.amdvi.fault;

import org.jspecify.annotations.NullMarked;

/** Tests of the decoder of fault messages. */
@NullMarked
package org.iommu4j.vtd.fault;

import org.jspecify.annotations.NullMarked;

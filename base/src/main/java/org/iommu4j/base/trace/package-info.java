/**
 * What happens inside, as events of the JDK's flight recorder: each is the call of one function of
 * the kernel.
 */
@NullMarked
package org.iommu4j.base.trace;

import org.jspecify.annotations.NullMarked;

/** Contracts as abstract tests: whoever implements the type inherits the test. */
@NullMarked
package org.iommu4j.testkit.contract;

import org.jspecify.annotations.NullMarked;

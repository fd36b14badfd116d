/** What tests of vendors and allocators stand on: a machine, and a system booted on it. */
@NullMarked
package org.iommu4j.testkit;

import org.jspecify.annotations.NullMarked;

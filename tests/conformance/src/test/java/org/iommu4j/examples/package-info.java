/** Drivers, an attacker and user space at work, as the pages in {@code docs} show them. */
@NullMarked
package org.iommu4j.examples;

import org.jspecify.annotations.NullMarked;

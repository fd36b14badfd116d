/**
 * PCI as the kernel sees it: addresses, configuration space, buses and bridges, and the tables of
 * quirks.
 */
@NullMarked
package org.iommu4j.machine.pci;

import org.jspecify.annotations.NullMarked;

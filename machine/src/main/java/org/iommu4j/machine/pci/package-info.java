/** PCI as the kernel sees it: addresses, configuration space, buses and bridges. */
@NullMarked
package org.iommu4j.machine.pci;

import org.jspecify.annotations.NullMarked;

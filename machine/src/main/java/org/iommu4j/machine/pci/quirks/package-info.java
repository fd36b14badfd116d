/**
 * The kernel's tables of PCI functions that are not what their configuration space says, as data.
 *
 * <p>The tables know only numbers. Who applies them decides from the topology whether an entry
 * holds.
 */
@NullMarked
package org.iommu4j.machine.pci.quirks;

import org.jspecify.annotations.NullMarked;

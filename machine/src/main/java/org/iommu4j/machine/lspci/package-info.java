/** Reads PCI functions from what {@code lspci} prints, with and without hexadecimal dumps. */
@NullMarked
package org.iommu4j.machine.lspci;

import org.jspecify.annotations.NullMarked;

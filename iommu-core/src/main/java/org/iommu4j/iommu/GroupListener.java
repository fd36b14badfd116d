package org.iommu4j.iommu;

import org.iommu4j.machine.pci.PciDevice;

/**
 * Hears what happens to the devices of a group, on the thread that it happens on.
 *
 * <p>Source: {@code include/linux/notifier.h:notifier_fn_t}.
 */
@FunctionalInterface
public interface GroupListener {
  /** Called when something happens to a device, or is about to. */
  void changed(GroupEvent event, PciDevice device);
}

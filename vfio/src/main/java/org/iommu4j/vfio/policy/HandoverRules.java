package org.iommu4j.vfio.policy;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.errorprone.annotations.Immutable;

/**
 * What a release does when a group changes hands between the host's drivers and user space.
 *
 * @param traits what it does, of all that some do
 */
@Immutable
public record HandoverRules(ImmutableSet<Trait> traits) {
  /** Something that some releases do. */
  public enum Trait {
    /**
     * A group is claimed when it gets its container, and a driver of the host that does DMA uses
     * its group: the one keeps the other out.
     *
     * <p>Source: {@code drivers/vfio/container.c:vfio_container_attach_group}, {@code
     * drivers/pci/pci-driver.c:pci_dma_configure}.
     */
    CLAIMS_GROUPS,
    /**
     * A group leaves its container when its last device goes; else the device waits.
     *
     * <p>Source: {@code drivers/vfio/vfio_main.c:vfio_device_remove_group}, of 6.1.
     */
    LEAVES_WITH_LAST_DEVICE,
    /**
     * Who binds a device is told why the driver does not take it.
     *
     * <p>Source: {@code drivers/base/dd.c:device_driver_attach}.
     */
    TELLS_WHY_NOT_BOUND,
    /**
     * The log's line on a probe that failed begins with the device.
     *
     * <p>Source: {@code drivers/base/dd.c:call_driver_probe}.
     */
    NAMES_DEVICE_OF_PROBE
  }

  /** Returns the rules of a release that does these and no others. */
  public static HandoverRules of(Trait... traits) {
    return new HandoverRules(ImmutableSet.copyOf(traits));
  }

  /** Returns these rules and one more trait. */
  public HandoverRules with(Trait added) {
    return new HandoverRules(Sets.immutableEnumSet(added, traits.toArray(new Trait[0])));
  }

  /** Returns whether the release does this. */
  public boolean does(Trait trait) {
    return traits.contains(trait);
  }
}

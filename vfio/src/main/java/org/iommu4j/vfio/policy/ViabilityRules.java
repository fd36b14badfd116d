package org.iommu4j.vfio.policy;

import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.Immutable;

/**
 * Who may keep a device of a group that is handed to user space.
 *
 * <p>Source: {@code drivers/vfio/vfio.c:vfio_dev_driver_allowed}.
 *
 * @param vfioDrivers the drivers that register each device they are bound to with VFIO
 * @param harmlessDrivers the drivers that are known to do no DMA
 * @param bridgesAreHarmless whether a bridge may have any driver
 * @param source the kernel's function that looks at each device
 * @param driverSource the one that looks at its driver
 */
@Immutable
public record ViabilityRules(
    ImmutableSet<String> vfioDrivers,
    ImmutableSet<String> harmlessDrivers,
    boolean bridgesAreHarmless,
    String source,
    String driverSource) {
  /** Returns these rules with other drivers of VFIO. */
  public ViabilityRules withVfioDrivers(ImmutableSet<String> others) {
    return new ViabilityRules(others, harmlessDrivers, bridgesAreHarmless, source, driverSource);
  }

  /** Returns whether a driver of this name registers its devices with VFIO. */
  public boolean isVfioDriver(String name) {
    return vfioDrivers.contains(name);
  }
}

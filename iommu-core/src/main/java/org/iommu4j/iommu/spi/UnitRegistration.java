package org.iommu4j.iommu.spi;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * That a unit is registered, after which the bus is probed for the devices of all units that are.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:iommu_device_register}.
 *
 * @param unit the unit's name, as {@link Coverage} has it
 * @param log what the driver logs just before
 * @param strict whether the driver has asked by then for unmapping that waits until the hardware
 *     has forgotten the mapping
 */
@Immutable
public record UnitRegistration(String unit, ImmutableList<String> log, boolean strict) {}

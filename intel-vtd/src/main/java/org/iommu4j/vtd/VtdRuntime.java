package org.iommu4j.vtd;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.DmaAliases;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vtd.dma.DmaDomains;
import org.iommu4j.vtd.driver.DriverRules;
import org.iommu4j.vtd.driver.IntelIommu;
import org.iommu4j.vtd.policy.ResolvedScopes;
import org.iommu4j.vtd.policy.UnitLookup;
import org.jspecify.annotations.Nullable;

/**
 * The half of the Intel driver that runs after the boot has decided: units are programmed, and
 * calls about domains go to them.
 *
 * <p>Thread-safe once {@link #programUnits} was called.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_ops}.
 */
abstract class VtdRuntime implements IommuDriver {
  private volatile @Nullable IntelIommu running;

  /** Programs the units that the boot has decided on. */
  abstract IntelIommu programmed();

  /** Returns whether the boot has decided to remap interrupts. */
  abstract boolean interruptsRemapped();

  /** Programs the units of a table that translate, for the functions that are there at boot. */
  static IntelIommu program(
      BootContext context,
      DriverRules rules,
      ResolvedScopes resolved,
      UnitLookup lookup,
      int hostAddressBits,
      DmaDomains.Settings dma,
      boolean superpages,
      boolean hardwarePassThrough,
      boolean writeBufferFlushForced) {
    IntelIommu.Settings settings =
        new IntelIommu.Settings(
            rules,
            lookup,
            DmaAliases.of(context.machine().pci(), context.rules().quirks()),
            resolved.parse().units().stream()
                .filter(unit -> !lookup.isIgnored(unit))
                .collect(ImmutableList.toImmutableList()),
            identityMapped(resolved),
            hostAddressBits,
            superpages,
            hardwarePassThrough,
            context.parameters().atsDisabled(),
            writeBufferFlushForced);
    return new IntelIommu(
        settings,
        context.services(),
        new DmaDomains(
            context.services(),
            dma,
            context.machine().pci().devices().stream()
                .filter(device -> !device.isVirtualFunction())
                .filter(device -> device.address().domain() <= 0xffff)
                .toList()));
  }

  private static ImmutableList<PhysRange> identityMapped(ResolvedScopes resolved) {
    return resolved.parse().rmrrs().stream()
        .filter(rmrr -> !resolved.devices(rmrr).isEmpty())
        .filter(rmrr -> rmrr.firstPhys() >= 0 && rmrr.firstPhys() <= rmrr.lastPhys())
        .filter(rmrr -> rmrr.lastPhys() >>> PhysicalMemory.ADDRESS_BITS == 0)
        .map(rmrr -> new PhysRange(rmrr.firstPhys(), rmrr.lastPhys() + 1))
        .collect(ImmutableList.toImmutableList());
  }

  private IntelIommu running() {
    IntelIommu made = running;
    if (made == null) {
      throw new IllegalStateException("the units are not up: programUnits() comes first");
    }
    return made;
  }

  @Override
  public final void programUnits() {
    running = programmed();
  }

  @Override
  public final @Nullable IommuDomain allocDomain(DomainType type) {
    return running().allocDomain(type);
  }

  @Override
  public final void freeDomain(IommuDomain domain) {
    running().freeDomain(domain);
  }

  @Override
  public final int attachDevice(IommuDomain domain, PciDevice pci, Device device) {
    return running().attachDevice(domain, pci, device);
  }

  @Override
  public final void detachDevice(IommuDomain domain, PciDevice pci, Device device) {
    running().detachDevice(pci, device);
  }

  @Override
  public final boolean capable(IommuCapability capability) {
    return switch (capability) {
      case CACHE_COHERENCY -> running().snooping();
      case INTR_REMAP -> interruptsRemapped();
      case NOEXEC -> false;
    };
  }

  @Override
  public final void enableTranslation() {
    running().enableTranslation();
  }

  @Override
  public final BusMaster busMaster(PciDevice device) {
    return running().busMaster(device);
  }

  @Override
  public final Optional<TableWalk> walk(PciDevice device, long iova) {
    return running().walk(device, iova);
  }
}

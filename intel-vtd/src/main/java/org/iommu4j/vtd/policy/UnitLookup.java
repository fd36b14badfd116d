package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.machine.pci.PciBus;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PcieType;
import org.jspecify.annotations.Nullable;

/**
 * Which unit a device is under, and what the table has for it besides.
 *
 * <p>Immutable, given that the function for real DMA devices is.
 */
public final class UnitLookup {
  private static final int INTEL = 0x8086;
  private static final int QUICKDATA_SANDY_BRIDGE = 0x402f;
  private static final long FLOPPY_LAST = (1L << 24) - 1;
  private static final long MSI_FIRST = 0xfee00000L;
  private static final long MSI_LAST = 0xfeefffffL;

  private final ResolvedScopes scopes;
  private final UnaryOperator<PciDevice> realDmaDevice;
  private final ImmutableSet<RemappingUnit> alsoIgnored;

  private UnitLookup(
      ResolvedScopes scopes,
      UnaryOperator<PciDevice> realDmaDevice,
      ImmutableSet<RemappingUnit> alsoIgnored) {
    this.scopes = scopes;
    this.realDmaDevice = realDmaDevice;
    this.alsoIgnored = alsoIgnored;
  }

  /**
   * Returns a lookup in resolved scopes.
   *
   * @param realDmaDevice the function that DMA of a function comes from, as {@code
   *     pci_real_dma_dev} has it: itself, but for functions behind a volume management device
   */
  public static UnitLookup of(ResolvedScopes scopes, UnaryOperator<PciDevice> realDmaDevice) {
    return new UnitLookup(scopes, realDmaDevice, ImmutableSet.of());
  }

  /** Returns this lookup with these units ignored too, such as one for graphics alone. */
  public UnitLookup ignoring(Set<RemappingUnit> units) {
    return new UnitLookup(scopes, realDmaDevice, ImmutableSet.copyOf(units));
  }

  /**
   * A unit and the requester that a device is to it.
   *
   * @param unit the unit
   * @param bus the bus number that the context entry is under
   * @param devfn the packed device and function number of the context entry
   */
  @Immutable
  public record Found(RemappingUnit unit, int bus, int devfn) {}

  /** Returns whether a unit takes no part in DMA remapping. */
  public boolean isIgnored(RemappingUnit unit) {
    return unit.ignored() || alsoIgnored.contains(unit);
  }

  /**
   * Returns the unit that translates for a device, or nothing if none does.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:device_to_iommu}, {@code iommu_is_dummy}.
   */
  public Optional<Found> unitOf(PciDevice device) {
    PciDevice requester = realDmaDevice.apply(device);
    PciDevice named = requester.physicalFunction();
    for (RemappingUnit unit : scopes.parse().units()) {
      if (unit.segment() != requester.address().domain()) {
        continue;
      }
      if (names(scopes.devices(unit), named) || unit.includeAll()) {
        return isDummy(unit, named) ? Optional.empty() : Optional.of(found(unit, requester));
      }
    }
    return Optional.empty();
  }

  // A scope that names the device and one that names a bridge above it give the same numbers, since
  // slots are filled with the device's own.
  private static Found found(RemappingUnit unit, PciDevice requester) {
    return new Found(unit, requester.bus().number(), requester.address().devfn());
  }

  private static boolean names(ImmutableList<PciDevice> slots, PciDevice device) {
    return slots.stream().anyMatch(slot -> same(slot, device) || isDownstream(device, slot));
  }

  private static boolean contains(ImmutableList<PciDevice> slots, PciDevice device) {
    return slots.stream().anyMatch(slot -> same(slot, device));
  }

  // By address, so that a device may come from another reading of the same machine.
  private static boolean same(PciDevice a, PciDevice b) {
    return a.address().equals(b.address());
  }

  /**
   * Returns whether a device's bus number is one of those behind a bridge.
   *
   * <p>Only the numbers are compared: the PCI domain is not.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:is_downstream_to_pci_bridge}.
   */
  public static boolean isDownstream(PciDevice device, PciDevice bridge) {
    PciBus behind = bridge.subordinate();
    return behind != null
        && behind.number() <= device.bus().number()
        && behind.lastNumber() >= device.bus().number();
  }

  private boolean isDummy(RemappingUnit unit, PciDevice named) {
    return isIgnored(unit) || hasOwnUnitElsewhere(named);
  }

  /**
   * Returns whether firmware put a DMA engine of Sandy Bridge servers under a unit that is not its
   * own; the kernel then warns once a boot and does not translate for it.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:quirk_ioat_snb_local_iommu}.
   */
  public boolean hasOwnUnitElsewhere(PciDevice device) {
    if (device.vendorId() != INTEL || device.deviceId() != QUICKDATA_SANDY_BRIDGE) {
      return false;
    }
    long base = 0xffff0000L;
    for (PciDevice neighbour : device.bus().devices()) {
      if (neighbour.address().devfn() == 0) {
        base &= Integer.toUnsignedLong(neighbour.config().readDword(0xb0));
      }
    }
    Optional<RemappingUnit> unit = matchedUnit(device);
    return unit.isEmpty() || unit.get().basePhys() - base != 0xa000;
  }

  /**
   * Returns the unit whose scopes name a device or a bridge above it, or the one for all devices of
   * its segment, whichever comes first, ignored or not.
   *
   * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_find_matched_drhd_unit}.
   */
  public Optional<RemappingUnit> matchedUnit(PciDevice device) {
    PciDevice named = device.physicalFunction();
    for (RemappingUnit unit : scopes.parse().units()) {
      boolean all = unit.includeAll() && unit.segment() == named.address().domain();
      if (all || namesUpwards(scopes.devices(unit), named)) {
        return Optional.of(unit);
      }
    }
    return Optional.empty();
  }

  private static boolean namesUpwards(ImmutableList<PciDevice> slots, PciDevice device) {
    for (@Nullable PciDevice at = device; at != null; at = at.bus().self()) {
      if (contains(slots, at)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether a device may cache translations as far as the table is concerned: it is
   * integrated, or its root port is one of those that the table has; where the table lists devices
   * that have a cache, that list comes first.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:dmar_find_matched_atsr_unit}, {@code
   * dmar_ats_supported}.
   */
  public boolean mayCacheTranslations(PciDevice device) {
    PciDevice named = device.physicalFunction();
    Optional<SatcUnit> listed = satcOf(named);
    if (listed.isPresent()) {
      // In legacy mode the hardware itself turns on what a device cannot do without.
      return !listed.get().cacheRequired();
    }
    PciDevice bridge = named.bus().self();
    while (bridge != null && !bridge.isPcieType(PcieType.ROOT_PORT)) {
      if (!bridge.isPcie() || bridge.isPcieType(PcieType.PCIE_TO_PCI_BRIDGE)) {
        return false;
      }
      bridge = bridge.bus().self();
    }
    return bridge == null || isNamedRootPort(bridge, named.address().domain());
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:dmar_find_matched_satc_unit}. */
  private Optional<SatcUnit> satcOf(PciDevice device) {
    return scopes.parse().satcs().stream()
        .filter(satc -> satc.segment() == device.address().domain())
        .filter(satc -> contains(scopes.devices(satc), device))
        .findFirst();
  }

  private boolean isNamedRootPort(PciDevice port, int segment) {
    return scopes.parse().atsrs().stream()
        .filter(atsr -> atsr.segment() == segment)
        .anyMatch(atsr -> atsr.includeAll() || contains(scopes.ports(atsr), port));
  }

  /**
   * Returns whether a reserved range names a device or a bridge above it.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:device_has_rmrr}.
   */
  public boolean hasRmrr(PciDevice device) {
    return scopes.parse().rmrrs().stream().anyMatch(rmrr -> names(scopes.devices(rmrr), device));
  }

  /**
   * Returns whether a device's reserved ranges may be given up when it is assigned.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:device_rmrr_is_relaxable}.
   */
  public static boolean isRmrrRelaxable(PciDevice device) {
    return device.isUsb() || device.isDisplay();
  }

  /**
   * Returns whether a device's reserved ranges keep it from identity domains and from assignment.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:device_is_rmrr_locked}.
   */
  public boolean isRmrrLocked(PciDevice device) {
    return hasRmrr(device) && !isRmrrRelaxable(device);
  }

  /**
   * Returns a device's reserved regions in the kernel's order: one for each scope of a reserved
   * range that names it or a bridge above it, the floppy's for an ISA bridge, and that of
   * message-signalled interrupts.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_get_resv_regions}.
   *
   * @param floppy whether the kernel has {@code CONFIG_INTEL_IOMMU_FLOPPY_WA}
   */
  public ImmutableList<ReservedRegion> reservedRegions(PciDevice device, boolean floppy) {
    ReservedRegion.Type type =
        isRmrrRelaxable(device) ? ReservedRegion.Type.DIRECT_RELAXABLE : ReservedRegion.Type.DIRECT;
    ImmutableList.Builder<ReservedRegion> regions = ImmutableList.builder();
    for (RmrrUnit rmrr : scopes.parse().rmrrs()) {
      for (PciDevice slot : scopes.devices(rmrr)) {
        if (same(slot, device) || isDownstream(device, slot)) {
          regions.add(new ReservedRegion(rmrr.firstPhys(), rmrr.lastPhys(), type));
        }
      }
    }
    if (floppy && device.isIsaBridge()) {
      regions.add(new ReservedRegion(0, FLOPPY_LAST, ReservedRegion.Type.DIRECT_RELAXABLE));
    }
    return regions.add(new ReservedRegion(MSI_FIRST, MSI_LAST, ReservedRegion.Type.MSI)).build();
  }
}

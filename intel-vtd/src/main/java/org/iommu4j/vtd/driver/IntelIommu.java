package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.DmaAliases;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vtd.driver.DriverRules.DriverTrait;
import org.iommu4j.vtd.hw.HardwareConfig;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.Requester;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.policy.RemappingUnit;
import org.iommu4j.vtd.policy.UnitLookup;
import org.iommu4j.vtd.report.WalkReports;
import org.jspecify.annotations.Nullable;

/**
 * The driver at work: units that are programmed, domains, and devices attached to them.
 *
 * <p>Thread-safe once all devices of the boot are attached.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:init_dmars}.
 */
public final class IntelIommu implements IommuDriver {
  private final Settings settings;
  private final SystemServices services;
  private final FreedTables freed;
  private final ImmutableMap<RemappingUnit, VtdUnit> units;
  private final IovaCookie.@Nullable Factory cookies;
  private final DeviceAttacher attacher;

  @GuardedBy("this") private @Nullable IommuDomain identity;

  /**
   * What was decided before.
   *
   * @param rules what the release does
   * @param lookup which unit a device is under
   * @param aliases the requester ids of a device
   * @param units the units that translate, in the kernel's order
   * @param identityMapped the ranges that identity domains map besides memory
   * @param hostAddressBits the platform's address width
   * @param choices what is chosen where there is a choice
   */
  public record Settings(
      DriverRules rules,
      UnitLookup lookup,
      DmaAliases aliases,
      ImmutableList<RemappingUnit> units,
      ImmutableList<PhysRange> identityMapped,
      int hostAddressBits,
      ImmutableSet<Choice> choices) {
    boolean has(Choice choice) {
      return choices.contains(choice);
    }
  }

  /** A choice that holds for all units. */
  public enum Choice {
    /** Large pages are used. */
    SUPERPAGES,
    /** Identity domains need no page table. */
    HARDWARE_PASS_THROUGH,
    /** No device may cache translations ({@code pci=noats}). */
    NO_DEVICE_TLBS,
    /** The chipset's write buffers need a flush whatever the units say of them. */
    WRITE_BUFFER_FLUSH,
    /** Interrupts are remapped. */
    INTERRUPTS_REMAPPED,
    /** Units that have scalable mode work in it. */
    SCALABLE_MODE
  }

  /**
   * Programs the units.
   *
   * @param cookies make what hands out the addresses of the DMA API's domains; null if that is not
   *     the driver's affair
   */
  public IntelIommu(
      Settings settings, SystemServices services, IovaCookie.@Nullable Factory cookies) {
    this.settings = settings;
    this.services = services;
    this.freed = new FreedTables(services.frames());
    Map<RemappingUnit, VtdUnit> made = new LinkedHashMap<>();
    for (RemappingUnit unit : settings.units()) {
      made.put(
          unit,
          new VtdUnit(
              unit,
              hardware(unit),
              services,
              settings.has(Choice.SCALABLE_MODE),
              settings.rules().faults(),
              settings.has(Choice.WRITE_BUFFER_FLUSH)));
    }
    this.units = ImmutableMap.copyOf(made);
    this.attacher = new DeviceAttacher(settings, units, services);
    this.cookies = cookies;
  }

  private RemappingHardware hardware(RemappingUnit unit) {
    Capabilities capabilities = unit.capabilities();
    return new RemappingHardware(
        services.memory(),
        HardwareConfig.of(capabilities, settings.hostAddressBits()),
        services.observer().unit(unit.basePhys()));
  }

  /**
   * Makes a domain, or returns the one that all identity-mapped devices share; null if there is
   * none of this type.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_domain_alloc}.
   */
  @Override
  public synchronized @Nullable IommuDomain allocDomain(DomainType type) {
    return switch (type) {
      case DMA -> paged(type, cookies);
      case UNMANAGED -> paged(type, null);
      case DMA_FQ -> settings.rules().does(DriverTrait.OWN_DMA_OPS) ? null : paged(type, null);
      case IDENTITY -> identityDomain();
      case BLOCKED ->
          settings.rules().does(DriverTrait.STATIC_DOMAINS) ? StaticDomain.BLOCKING : null;
    };
  }

  private VtdDomain paged(DomainType type, IovaCookie.@Nullable Factory of) {
    DriverRules rules = settings.rules();
    return rules.does(DriverTrait.OWN_DMA_OPS)
        ? new EagerVtdDomain(type, services, freed, of)
        : new GatheringVtdDomain(
            type, services, freed, form(type), rules.does(DriverTrait.ANSWERS_OUT_OF_REACH));
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:first_level_by_default}. */
  private EntryBits form(DomainType type) {
    boolean first = allHave(Capabilities::firstLevelTranslation);
    boolean second = allHave(Capabilities::secondLevelTranslation);
    boolean firstStage =
        settings.has(Choice.SCALABLE_MODE)
            && allHave(Capabilities::scalableMode)
            && first
            && (!second || type != DomainType.UNMANAGED);
    if (!firstStage) {
      return EntryBits.SECOND_STAGE;
    }
    return settings.rules().does(DriverTrait.FORBIDS_EXECUTION)
        ? EntryBits.FIRST_STAGE_NOT_EXECUTABLE
        : EntryBits.FIRST_STAGE;
  }

  private boolean allHave(Predicate<Capabilities> ability) {
    return units.values().stream().allMatch(unit -> ability.test(unit.capabilities()));
  }

  /**
   * Frees a domain, but for the one that all identity-mapped devices share.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_domain_free}.
   */
  @Override
  public void freeDomain(IommuDomain domain) {
    if (domain instanceof VtdDomain paged && domain.type() != DomainType.IDENTITY) {
      attacher.free(paged);
    }
  }

  @GuardedBy("this") private IommuDomain identityDomain() {
    IommuDomain domain = identity;
    if (domain == null) {
      domain =
          settings.rules().does(DriverTrait.STATIC_DOMAINS)
              ? StaticDomain.IDENTITY
              : sharedIdentity();
      identity = domain;
    }
    return domain;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:si_domain_init}. */
  private VtdDomain sharedIdentity() {
    VtdDomain domain = paged(DomainType.IDENTITY, null);
    if (!settings.has(Choice.HARDWARE_PASS_THROUGH)) {
      // Where the frame after a range is mapped, the kernel takes the range's end for a last frame.
      int beyond = settings.rules().does(DriverTrait.MAPS_FRAME_AFTER_MEMORY) ? 0 : 1;
      for (PhysRange range : services.memory().ram()) {
        mapIdentity(domain, range.startPhys(), range.endPhys() - beyond);
      }
      for (PhysRange range : settings.identityMapped()) {
        mapIdentity(domain, range.startPhys(), range.endPhys() - 1);
      }
    }
    return domain;
  }

  private static void mapIdentity(VtdDomain domain, long firstPhys, long lastPhys) {
    domain.space().mapIdentity(firstPhys >>> PAGE_SHIFT, lastPhys >>> PAGE_SHIFT);
  }

  /**
   * Attaches a device to a domain and lets its requester ids through to it.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_attach_device}.
   *
   * @return 0 or a negative error number
   */
  @Override
  public int attachDevice(IommuDomain to, PciDevice pci, Device device) {
    if (to instanceof VtdDomain paged) {
      return attacher.attach(paged, pci, device);
    }
    return to.type() == DomainType.BLOCKED
        ? attacher.block(pci, device)
        : attacher.passThrough(pci, device);
  }

  /**
   * Detaches a device from its domain; its requester ids then get through to nothing.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_detach_device}.
   */
  @Override
  public void detachDevice(IommuDomain from, PciDevice pci, Device device) {
    attacher.block(pci, device);
  }

  @Override
  public boolean capable(IommuCapability capability) {
    return switch (capability) {
      case CACHE_COHERENCY ->
          settings.rules().does(DriverTrait.ALWAYS_COHERENT) || attacher.snooping();
      case INTR_REMAP -> settings.has(Choice.INTERRUPTS_REMAPPED);
      case NOEXEC -> false;
    };
  }

  /** Turns translation on in all units. */
  @Override
  public void enableTranslation() {
    units.values().forEach(VtdUnit::enableTranslation);
  }

  /** Returns a device's way to memory: through its unit, if it has one. */
  @Override
  public BusMaster busMaster(PciDevice pci) {
    return attacher
        .unitOf(pci)
        .<BusMaster>map(
            unit ->
                new RemappedBusMaster(
                    new Requester(unit.hardware(), unit.atsFunctions(), sourceId(pci))))
        .orElseGet(
            () ->
                BusMaster.direct(
                    services.memory(), services.observer(), pci.address().requesterId()));
  }

  /** Shows how a device's unit translates an address; nothing if it has no unit. */
  @Override
  public Optional<TableWalk> walk(PciDevice pci, long iova) {
    return attacher.unitOf(pci).map(unit -> WalkReports.of(unit.hardware(), sourceId(pci), iova));
  }

  @Override
  public Optional<HardwareEntry> hardwareEntry(PciDevice pci) {
    return attacher.unitOf(pci).flatMap(unit -> unit.hardwareEntry(pci.address().requesterId()));
  }

  private int sourceId(PciDevice pci) {
    ImmutableList<DmaAliases.Alias> ids = settings.aliases().walk(pci);
    return ids.get(ids.size() - 1).requesterId();
  }
}

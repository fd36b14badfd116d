package org.iommu4j.vtd.driver;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.DmaAliases;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.PciQuirks;
import org.iommu4j.vtd.driver.DriverRules.DriverTrait;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.PasidEntry;
import org.iommu4j.vtd.policy.DeviceTlbPolicy;
import org.iommu4j.vtd.policy.RemappingUnit;

/**
 * Attaches devices to domains and detaches them: context entries come and go, and the hardware is
 * told.
 *
 * <p>Thread-safe: one lock for all devices, the kernel's {@code device_domain_lock}, which is taken
 * before a domain's.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_attach_device}.
 */
final class DeviceAttacher {
  private static final int SUPERPAGE_LEVELS = 0x3;

  private final IntelIommu.Settings settings;
  private final ImmutableMap<RemappingUnit, VtdUnit> units;
  private final Consumer<String> log;
  private final int superpageLevels;
  private final int firstStageLevels;
  private final boolean snooping;
  private final PciQuirks quirks;
  private final DriverRules rules;

  /** The devices that are in no domain because their addresses pass through. */
  @GuardedBy("this") private final Set<Device> passing = new HashSet<>();

  DeviceAttacher(
      IntelIommu.Settings settings,
      ImmutableMap<RemappingUnit, VtdUnit> units,
      SystemServices services) {
    this.settings = settings;
    this.rules = settings.rules();
    this.units = units;
    this.log = services.log();
    this.quirks = services.rules().quirks();
    boolean superpages = settings.has(IntelIommu.Choice.SUPERPAGES);
    this.superpageLevels = superpages ? commonSuperpageLevels(units.values()) : 0;
    boolean gibibytes =
        units.values().stream().allMatch(unit -> Cap.FL1GP.isSet(unit.capabilities().cap()));
    this.firstStageLevels = superpages ? (gibibytes ? 2 : 1) : 0;
    this.snooping = units.values().stream().allMatch(unit -> unit.capabilities().snoopControl());
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:domain_update_iommu_superpage}. */
  private static int commonSuperpageLevels(Collection<VtdUnit> units) {
    int common = SUPERPAGE_LEVELS;
    for (VtdUnit unit : units) {
      common &= (int) Cap.SLLPS.get(unit.capabilities().cap());
    }
    return Integer.SIZE - Integer.numberOfLeadingZeros(common);
  }

  /**
   * Returns whether all units can make accesses snoop.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_update_iommu_snooping}.
   */
  boolean snooping() {
    return snooping;
  }

  Optional<VtdUnit> unitOf(PciDevice pci) {
    return settings.lookup().unitOf(pci).map(found -> units.get(found.unit()));
  }

  /** Attaches a device, from whichever domain it is in; returns 0 or a negative error number. */
  synchronized int attach(VtdDomain domain, PciDevice pci, Device device) {
    if (rules.does(DriverTrait.KEEPS_LOCKED_DEVICES)
        && domain.type() == DomainType.UNMANAGED
        && settings.lookup().isRmrrLocked(pci)) {
      log.accept(
          device.logPrefix()
              + "DMAR: Device is ineligible for IOMMU domain attach due to platform RMRR"
              + " requirement.  Contact your platform vendor.");
      return Errno.EPERM;
    }
    VtdUnit unit = unitOf(pci).orElse(null);
    if (unit == null) {
      return Errno.ENODEV;
    }
    if (rules.does(DriverTrait.BLOCKS_BEFORE_ATTACH)
        || requesters(pci).stream().allMatch(alias -> unit.hasContext(alias.requesterId()))) {
      block(pci, device);
    }
    int error = prepare(domain, unit, pci);
    return error == 0 ? insert(domain, unit, pci, device) : error;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:prepare_domain_attach_device}. */
  private int prepare(VtdDomain domain, VtdUnit unit, PciDevice pci) {
    boolean tells = rules.does(DriverTrait.TELLS_OF_MISFITS);
    if (domain.isSnoopingForced() && !unit.capabilities().snoopControl()) {
      return tells ? Errno.EOPNOTSUPP : Errno.EINVAL;
    }
    if (domain.fit(unit)) {
      return 0;
    }
    if (tells) {
      log.accept(
          String.format(
              "pci %s: DMAR: prepare_domain_attach_device: iommu width (%d) is not sufficient for"
                  + " the mapped address (%x)",
              pci, unit.facts().addressBits(), domain.maxAddress()));
    }
    return tells ? Errno.EFAULT : Errno.EINVAL;
  }

  private ImmutableList<DmaAliases.Alias> requesters(PciDevice pci) {
    return settings.aliases().walk(pci);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:dmar_domain_attach_device}. */
  @GuardedBy("this") private int insert(VtdDomain domain, VtdUnit unit, PciDevice pci, Device device) {
    Attachment before = Attachment.of(device);
    if (before != null) {
      return before.domain() == domain ? 0 : Errno.EBUSY;
    }
    int largeLevels = domain.isFirstStage() ? firstStageLevels : superpageLevels;
    if (!domain.attachments().attach(unit, pci, device, largeLevels, snooping)) {
      return noId(unit);
    }
    boolean passThrough =
        settings.has(IntelIommu.Choice.HARDWARE_PASS_THROUGH)
            && domain.type() == DomainType.IDENTITY;
    if (hasContexts(pci)) {
      setContexts(domain, unit, pci, passThrough);
    }
    device.setIommuPrivate(Attachment.to(domain, unit, pci.untrusted(quirks.trust())));
    return 0;
  }

  private int noId(VtdUnit unit) {
    if (rules.does(DriverTrait.OWN_DMA_OPS)) {
      return Errno.EBUSY;
    }
    log.accept("DMAR: " + unit.facts().name() + ": No free domain ids");
    return Errno.ENOSPC;
  }

  private boolean hasContexts(PciDevice pci) {
    return !rules.does(DriverTrait.LEAVES_OUT_SUBDEVICES)
        || settings.aliases().realDmaDevice(pci) == pci;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:domain_context_mapping}. */
  private void setContexts(VtdDomain domain, VtdUnit unit, PciDevice pci, boolean passThrough) {
    int ownId = pci.address().requesterId();
    DeviceTlbPolicy.Outcome tlb =
        DeviceTlbPolicy.decide(
            pci,
            unit.capabilities(),
            settings.lookup(),
            settings.has(IntelIommu.Choice.NO_DEVICE_TLBS),
            quirks);
    ScalableTables scalable = unit.scalable();
    if (scalable != null) {
      PasidEntry entry = passThrough ? unit.passThroughPasid() : domain.pasidEntry(unit);
      scalable.set(requesterIds(pci), ownId, entry, tlb.allowed());
    } else {
      for (int requesterId : requesterIds(pci)) {
        boolean own = requesterId == ownId && tlb.allowed();
        setContext(domain, unit, requesterId, type(passThrough, own));
      }
    }
    boolean caches =
        rules.does(DriverTrait.ENABLES_CACHES_FOR_IDENTITY)
            || scalable != null
            || domain.type() != DomainType.IDENTITY;
    if (caches && (scalable != null || !passThrough) && tlb.enabled()) {
      unit.atsFunctions().enable(ownId);
      domain
          .space()
          .addCache(new CachingDevice(unit, ownId, tlb.physicalFunctionId(), tlb.queueDepth()));
    }
  }

  private static int type(boolean passThrough, boolean deviceTlb) {
    if (passThrough) {
      return ContextEntry.TT_PASS_THROUGH;
    }
    return deviceTlb ? ContextEntry.TT_DEVICE_TLB : ContextEntry.TT_UNTRANSLATED;
  }

  private static void setContext(VtdDomain domain, VtdUnit unit, int requesterId, int type) {
    unit.contexts()
        .set(requesterId, domain.contextEntry(unit, type), domain.attachments().idIn(unit));
  }

  private ImmutableList<Integer> requesterIds(PciDevice pci) {
    return requesters(pci).stream()
        .map(DmaAliases.Alias::requesterId)
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * Lets a device's addresses pass through, whatever domain it is in.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:identity_domain_attach_dev}.
   *
   * @return 0 or a negative error number
   */
  synchronized int passThrough(PciDevice pci, Device device) {
    VtdUnit unit = unitOf(pci).orElse(null);
    if (unit == null) {
      return Errno.ENODEV;
    }
    block(pci, device);
    if (hasContexts(pci)) {
      letThrough(unit, pci);
      passing.add(device);
    }
    return 0;
  }

  private void letThrough(VtdUnit unit, PciDevice pci) {
    ScalableTables scalable = unit.scalable();
    if (scalable != null) {
      int ownId = pci.address().requesterId();
      scalable.set(requesterIds(pci), ownId, unit.passThroughPasid(), false);
      return;
    }
    ContextEntry entry = unit.passThroughEntry(VtdUnit.PASS_THROUGH_ID);
    for (int requesterId : requesterIds(pci)) {
      unit.contexts().set(requesterId, entry, VtdUnit.PASS_THROUGH_ID);
    }
  }

  /**
   * Takes a device from its domain, so that it reaches nothing; nothing happens if it has none.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:device_block_translation}.
   *
   * @return 0: that never fails
   */
  synchronized int block(PciDevice pci, Device device) {
    Attachment attachment = Attachment.of(device);
    if (attachment != null) {
      detach(attachment, pci, device);
    } else if (passing.remove(device)) {
      unitOf(pci).ifPresent(unit -> clearContexts(unit, pci));
    }
    return 0;
  }

  @GuardedBy("this") private void detach(Attachment attachment, PciDevice pci, Device device) {
    attachment.domain().space().removeCache(attachment.unit(), pci.address().requesterId());
    attachment.unit().atsFunctions().disable(pci.address().requesterId());
    if (settings.aliases().realDmaDevice(pci) == pci) {
      clearContexts(attachment.unit(), pci);
    }
    device.setIommuPrivate(null);
    attachment.domain().attachments().detach(attachment.unit(), device);
  }

  private void clearContexts(VtdUnit unit, PciDevice pci) {
    ScalableTables scalable = unit.scalable();
    if (scalable != null) {
      scalable.clear(pci.address().requesterId());
      return;
    }
    for (int requesterId : requesterIds(pci)) {
      unit.contexts().clear(requesterId);
    }
  }

  /**
   * Frees a domain, and takes its devices from it first if the release does that.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_exit}.
   */
  synchronized void free(VtdDomain domain) {
    if (rules.does(DriverTrait.DETACHES_WHEN_FREED)) {
      domain.attachments().members().forEach((device, pci) -> block(pci, device));
    }
    domain.free();
  }
}

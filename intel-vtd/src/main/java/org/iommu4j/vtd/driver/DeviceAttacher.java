package org.iommu4j.vtd.driver;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.DmaAliases;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.PciQuirks;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.ContextEntry;
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
  private final boolean snooping;
  private final PciQuirks quirks;

  DeviceAttacher(
      IntelIommu.Settings settings,
      ImmutableMap<RemappingUnit, VtdUnit> units,
      SystemServices services) {
    this.settings = settings;
    this.units = units;
    this.log = services.log();
    this.quirks = services.rules().quirks();
    this.superpageLevels =
        settings.has(IntelIommu.Choice.SUPERPAGES) ? commonSuperpageLevels(units.values()) : 0;
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
    if (domain.type() == DomainType.UNMANAGED && settings.lookup().isRmrrLocked(pci)) {
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
    if (requesters(pci).stream().allMatch(alias -> unit.hasContext(alias.requesterId()))) {
      detach(pci, device);
    }
    if (!domain.fit(unit)) {
      log.accept(
          String.format(
              "pci %s: DMAR: prepare_domain_attach_device: iommu width (%d) is not sufficient for"
                  + " the mapped address (%x)",
              pci, unit.facts().addressBits(), domain.maxAddress()));
      return Errno.EFAULT;
    }
    return insert(domain, unit, pci, device) ? 0 : Errno.EBUSY;
  }

  private ImmutableList<DmaAliases.Alias> requesters(PciDevice pci) {
    return settings.aliases().walk(pci);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:dmar_insert_one_dev_info}. */
  @GuardedBy("this") private boolean insert(VtdDomain domain, VtdUnit unit, PciDevice pci, Device device) {
    Attachment before = Attachment.of(device);
    if (before != null) {
      return before.domain() == domain;
    }
    if (!domain.attachments().attach(unit, pci, device, superpageLevels, snooping)) {
      return false;
    }
    boolean passThrough =
        settings.has(IntelIommu.Choice.HARDWARE_PASS_THROUGH)
            && domain.type() == DomainType.IDENTITY;
    for (DmaAliases.Alias alias : requesters(pci)) {
      setContext(domain, unit, pci, alias.requesterId(), passThrough);
    }
    device.setIommuPrivate(Attachment.to(domain, unit, pci.untrusted()));
    return true;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:domain_context_mapping_one}. */
  private void setContext(
      VtdDomain domain, VtdUnit unit, PciDevice pci, int requesterId, boolean passThrough) {
    int type = passThrough ? ContextEntry.TT_PASS_THROUGH : ContextEntry.TT_UNTRANSLATED;
    DeviceTlbPolicy.Outcome tlb =
        DeviceTlbPolicy.decide(
            pci,
            unit.capabilities(),
            settings.lookup(),
            settings.has(IntelIommu.Choice.NO_DEVICE_TLBS),
            quirks);
    boolean own = requesterId == pci.address().requesterId() && !passThrough;
    if (own && tlb.allowed()) {
      type = ContextEntry.TT_DEVICE_TLB;
    }
    unit.setContext(requesterId, domain.contextEntry(unit, type), domain.attachments().idIn(unit));
    if (own && tlb.enabled()) {
      unit.atsFunctions().enable(requesterId);
      domain
          .space()
          .addCache(
              new CachingDevice(unit, requesterId, tlb.physicalFunctionId(), tlb.queueDepth()));
    }
  }

  /**
   * Detaches a device from its domain; nothing happens if it has none.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:__dmar_remove_one_dev_info}.
   */
  synchronized void detach(PciDevice pci, Device device) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      return;
    }
    attachment.domain().space().removeCache(attachment.unit(), pci.address().requesterId());
    attachment.unit().atsFunctions().disable(pci.address().requesterId());
    if (settings.aliases().realDmaDevice(pci) == pci) {
      for (DmaAliases.Alias alias : requesters(pci)) {
        attachment.unit().clearContext(alias.requesterId());
      }
    }
    device.setIommuPrivate(null);
    attachment.domain().attachments().detach(attachment.unit(), device);
  }

  /**
   * Detaches all devices of a domain and frees it.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_exit}.
   */
  synchronized void free(VtdDomain domain) {
    domain.attachments().members().forEach((device, pci) -> detach(pci, device));
    domain.free();
  }
}

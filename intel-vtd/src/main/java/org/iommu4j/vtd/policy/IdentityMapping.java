package org.iommu4j.vtd.policy;

import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.machine.pci.PciBus;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * Which devices demand a domain type of their own.
 *
 * @param graphics why display devices are mapped one to one, or null if they are translated
 * @param integratedGpu why the integrated GPU is mapped one to one, or null if it is translated
 * @param isochronousAudio why the isochronous audio device is mapped one to one, or null
 */
public record IdentityMapping(
    @Nullable String graphics, @Nullable String integratedGpu, @Nullable String isochronousAudio) {
  private static final String SOURCE = "drivers/iommu/intel/iommu.c:device_def_domain_type";
  private static final int INTEL = 0x8086;
  private static final int AZALIA = 0x3a3e;

  /** Returns what a device demands; being untrusted goes before everything else. */
  public DomainDemand demandOf(PciDevice device) {
    if (device.untrusted()) {
      return demand(DomainType.DMA, "untrusted: behind an external port");
    }
    if (isochronousAudio != null && device.vendorId() == INTEL && device.deviceId() == AZALIA) {
      return demand(DomainType.IDENTITY, isochronousAudio);
    }
    if (graphics != null && device.isDisplay()) {
      return demand(DomainType.IDENTITY, graphics);
    }
    if (integratedGpu != null && isIntegratedGpu(device)) {
      return demand(DomainType.IDENTITY, integratedGpu);
    }
    return DomainDemand.none(Decision.of(DomainDemand.RULE, "none", SOURCE));
  }

  private static boolean isIntegratedGpu(PciDevice device) {
    PciBus bus = device.bus();
    return device.isDisplay() && device.vendorId() == INTEL && bus.isRoot();
  }

  private static DomainDemand demand(DomainType type, String because) {
    return new DomainDemand(
        type, because, Decision.of(DomainDemand.RULE, type.sysfsName(), SOURCE, because));
  }
}

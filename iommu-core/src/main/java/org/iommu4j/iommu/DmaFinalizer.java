package org.iommu4j.iommu;

import java.util.function.Function;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.dma.DmaClient;
import org.iommu4j.iommu.dma.DmaIommu;
import org.iommu4j.iommu.dma.HostBridge;
import org.iommu4j.iommu.dma.PromisedDmaOps;
import org.iommu4j.iommu.dma.release.DmaReleases;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.machine.pci.PciBus;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * Gives the devices that dma-iommu maps for their operations, once their groups have their domains.
 * Used by one thread.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_setup_dma_ops}.
 */
final class DmaFinalizer {
  private final IommuProbe probe;
  private final SystemServices services;
  private final MemoryMap addresses;
  private final Function<PciDevice, Device> devices;
  private @Nullable DmaIommu dmaIommu;

  /**
   * Makes it for one system.
   *
   * @param addresses the machine's map of addresses, with the windows of its host bridges
   */
  DmaFinalizer(
      IommuProbe probe,
      SystemServices services,
      MemoryMap addresses,
      Function<PciDevice, Device> devices) {
    this.probe = probe;
    this.services = services;
    this.addresses = addresses;
    this.devices = devices;
  }

  /** Gives a device that is attached to its domain its operations, if dma-iommu maps for it. */
  void run(PciDevice function, IommuDomain domain) {
    Device device = devices.apply(function);
    if (device.dmaOps() instanceof PromisedDmaOps) {
      DmaClient client =
          new DmaClient(
              device,
              true,
              function.untrusted(services.rules().quirks().trust()),
              HostBridge.in(addresses, function.address().domain(), rootBusOf(function).number()),
              probe.reservedRegions(function));
      device.setDmaOps(dmaIommu().setUpDmaOps(client, domain));
    }
  }

  private DmaIommu dmaIommu() {
    DmaIommu made = dmaIommu;
    if (made == null) {
      made = new DmaIommu(DmaReleases.rules(services.rules()), services, probe.isDacForced());
      dmaIommu = made;
    }
    return made;
  }

  /** Source: {@code drivers/pci/host-bridge.c:find_pci_root_bus}. */
  private static PciBus rootBusOf(PciDevice function) {
    PciBus bus = function.bus();
    for (PciBus above = bus.parent(); above != null; above = bus.parent()) {
      bus = above;
    }
    return bus;
  }
}

package org.iommu4j.vtd.dma;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.Collection;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iova.IovaDomain;
import org.iommu4j.iova.IovaRules;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciResource;
import org.iommu4j.vtd.driver.AddressSpace;
import org.iommu4j.vtd.driver.IovaCookie;

/**
 * Makes what the DMA API's domains of one system hand their addresses out with. Thread-safe.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_init_iova_domain}.
 */
public final class DmaDomains implements IovaCookie.Factory {
  private static final long INTERRUPTS_FIRST = 0xfee00000L;
  private static final long INTERRUPTS_LAST = 0xfeefffffL;
  private static final long START_PFN = 1;

  private final SystemServices services;
  private final Settings settings;
  private final IovaDomain reserved;
  private final DeviceLog.Once exhausted;

  /**
   * What was decided before.
   *
   * @param rules what the release does
   * @param strict whether unmapping waits for the hardware
   * @param forceDac whether addresses above 4 GiB are handed out first
   */
  public record Settings(DmaRules rules, boolean strict, boolean forceDac) {}

  /**
   * Finds what no domain hands out.
   *
   * @param functions the PCI functions that are there at boot
   */
  public DmaDomains(SystemServices services, Settings settings, Collection<PciDevice> functions) {
    this.services = services;
    this.settings = settings;
    this.reserved = reservedAddresses(services.rules().iova(), functions);
    this.exhausted = services.deviceLog().once();
  }

  /**
   * Returns what no domain hands out: the window of interrupts and all memory of PCI devices, so
   * that none of them is mistaken for another.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:dmar_init_reserved_ranges}.
   */
  private static IovaDomain reservedAddresses(IovaRules rules, Collection<PciDevice> functions) {
    IovaDomain reserved = new IovaDomain(rules, PAGE_BYTES, START_PFN, 1);
    reserved.reserve(INTERRUPTS_FIRST >>> PAGE_SHIFT, INTERRUPTS_LAST >>> PAGE_SHIFT);
    for (PciDevice function : functions) {
      for (PciResource resource : function.resources()) {
        long first = resource.start() >>> PAGE_SHIFT;
        long last = resource.end() >>> PAGE_SHIFT;
        if (resource.isMemory() && first <= last) {
          reserved.reserve(first, last);
        }
      }
    }
    return reserved;
  }

  @Override
  public DmaDomain of(AddressSpace space) {
    IovaDomain iova =
        new IovaDomain(services.rules().iova(), PAGE_BYTES, START_PFN, services.cpus().count());
    iova.copyReservedFrom(reserved);
    return new DmaDomain(space, iova, services, settings, exhausted);
  }
}

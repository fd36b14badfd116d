package org.iommu4j.iommu;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPools;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.passthrough.DirectDmaOps;
import org.iommu4j.swiotlb.BouncingSystem;
import org.jspecify.annotations.Nullable;

/** The part of a system that runs: started when it is first asked for. Thread-safe. */
final class LiveSystem {
  /** Memory is present or absent by sections of 128 MiB. */
  private static final long SECTION_MASK = (1L << 27) - 1;

  private final SystemServices services;
  private final @Nullable IommuDriver driver;
  private final ImmutableList<IommuGroup> groups;
  private final ImmutableMap<PciDevice, Device> devices;
  private final IommuTracepoints tracepoints;
  private final DmaMapping dma;
  private final DmaPools pools;
  private final Object lock = new Object();

  @GuardedBy("lock") private @Nullable IommuApi iommu;

  @GuardedBy("lock") private final List<String> log = new ArrayList<>();

  LiveSystem(
      SystemServices services,
      @Nullable IommuDriver driver,
      ImmutableList<IommuGroup> groups,
      Map<PciDevice, Device> devices,
      IommuTracepoints tracepoints) {
    this.services = services;
    this.driver = driver;
    this.groups = groups;
    this.devices = ImmutableMap.copyOf(devices);
    this.tracepoints = tracepoints;
    BouncingSystem system = services.bouncing();
    this.dma = new DmaMapping(new DirectDmaOps(system), this::hasMemoryMap);
    // Debian builds its kernels with CONFIG_INIT_ON_ALLOC_DEFAULT_ON.
    this.pools = new DmaPools(dma, services.memory(), system.log(), true);
  }

  // include/linux/mmzone.h:pfn_valid: all of an early section has one.
  private boolean hasMemoryMap(long pfn) {
    long first = pfn << PAGE_SHIFT & ~SECTION_MASK;
    for (PhysRange range : services.memory().ram()) {
      if (range.startPhys() <= (first | SECTION_MASK) && first < range.endPhys()) {
        return true;
      }
    }
    return false;
  }

  /** Brings the hardware up if it is not; returns the IOMMU API. */
  IommuApi iommu() {
    synchronized (lock) {
      IommuApi api = iommu;
      if (api == null) {
        if (driver != null) {
          driver.programUnits();
          DomainSetup.run(driver, groups, devices, tracepoints);
          driver.enableTranslation();
        }
        api = new IommuApi(driver, groups, devices, services.log());
        iommu = api;
      }
      return api;
    }
  }

  DmaMapping dma() {
    iommu();
    return dma;
  }

  DmaPools pools() {
    dma();
    return pools;
  }

  SystemServices services() {
    return services;
  }

  Optional<BusMaster> busMaster(PciAddress address) {
    iommu();
    return devices.keySet().stream()
        .filter(device -> device.address().equals(address))
        .findFirst()
        .map(
            device ->
                driver == null ? BusMaster.direct(services.memory()) : driver.busMaster(device));
  }

  Optional<TableWalk> walk(PciAddress address, long iova) {
    iommu();
    IommuDriver walker = driver;
    return walker == null
        ? Optional.empty()
        : devices.keySet().stream()
            .filter(device -> device.address().equals(address))
            .findFirst()
            .flatMap(device -> walker.walk(device, iova));
  }

  void log(String line) {
    synchronized (lock) {
      log.add(line);
    }
  }

  /** Returns what was logged since the last call. */
  ImmutableList<String> takeLog() {
    synchronized (lock) {
      ImmutableList<String> lines = ImmutableList.copyOf(log);
      log.clear();
      return lines;
    }
  }
}

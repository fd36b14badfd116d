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
import org.iommu4j.dma.DmaObserver;
import org.iommu4j.dma.DmaPools;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.machine.MemoryMap;
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
  private final @Nullable IommuProbe probe;
  private final ImmutableList<IommuGroup> groups;
  private final ImmutableMap<PciDevice, Device> devices;
  private final MemoryMap addresses;
  private final IommuTracepoints tracepoints;
  private final DmaMapping dma;
  private final DmaPools pools;
  private final Object lock = new Object();

  @GuardedBy("lock") private @Nullable Running running;

  @GuardedBy("lock") private final List<String> log = new ArrayList<>();

  /**
   * What there is once the hardware is up.
   *
   * @param driver the driver of what translates, or null if nothing does
   */
  private record Running(IommuApi iommu, @Nullable IommuDriver driver) {}

  LiveSystem(
      SystemServices services,
      @Nullable IommuProbe probe,
      ImmutableList<IommuGroup> groups,
      Map<PciDevice, Device> devices,
      MemoryMap addresses,
      IommuTracepoints tracepoints,
      DmaObserver observer) {
    this.services = services;
    this.probe = probe;
    this.groups = groups;
    this.devices = ImmutableMap.copyOf(devices);
    this.addresses = addresses;
    this.tracepoints = tracepoints;
    BouncingSystem system = services.bouncing();
    this.dma =
        new DmaMapping(
            services.rules().dispatch(), new DirectDmaOps(system), this::hasMemoryMap, observer);
    // Debian builds its kernels with CONFIG_INIT_ON_ALLOC_DEFAULT_ON.
    this.pools =
        new DmaPools(
            services.rules().dispatch().freeBlocks(), dma, services.memory(), system.log(), true);
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

  /** Brings the hardware up if it is not. */
  private Running running() {
    synchronized (lock) {
      Running up = running;
      if (up == null) {
        up = probe == null ? off() : started(probe);
        running = up;
      }
      return up;
    }
  }

  private Running off() {
    return new Running(new IommuApi(null, null, groups, null, services.log()), null);
  }

  private Running started(IommuProbe decided) {
    IommuDriver driver = decided.start();
    GroupDomains attachments = GroupDomains.of(decided, driver, devices, services);
    DmaFinalizer finalizer = new DmaFinalizer(decided, services, addresses, attachments::device);
    DomainSetup.run(decided, driver, attachments, groups, services, finalizer, tracepoints);
    driver.enableTranslation();
    return new Running(new IommuApi(decided, driver, groups, attachments, services.log()), driver);
  }

  /** Brings the hardware up if it is not; returns the IOMMU API. */
  IommuApi iommu() {
    return running().iommu();
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
    IommuDriver driver = running().driver();
    return function(address)
        .map(
            device ->
                driver == null
                    ? BusMaster.direct(
                        services.memory(), services.observer(), address.requesterId())
                    : driver.busMaster(device));
  }

  Optional<TableWalk> walk(PciAddress address, long iova) {
    IommuDriver driver = running().driver();
    return driver == null
        ? Optional.empty()
        : function(address).flatMap(device -> driver.walk(device, iova));
  }

  /** Returns what the hardware was told of a device; nothing if no unit lets it through. */
  Optional<HardwareEntry> hardwareEntry(PciAddress address) {
    IommuDriver driver = running().driver();
    return driver == null ? Optional.empty() : function(address).flatMap(driver::hardwareEntry);
  }

  private Optional<PciDevice> function(PciAddress address) {
    return devices.keySet().stream().filter(device -> device.address().equals(address)).findFirst();
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

package org.iommu4j.iommu.dma;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.base.ModelCpus;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaObserver;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.swiotlb.SwiotlbRules;
import org.jspecify.annotations.Nullable;

/** A system of two CPUs with one device in a domain of its own. */
final class World {
  static final long MIB = 1L << 20;

  /** Where buffers are. */
  static final long BUFFERS = 256 * MIB;

  private static final long POOL = 128 * MIB;
  private static final int POOL_SLOTS = 512;

  final List<String> log = new ArrayList<>();
  final ManualTimers timers = new ManualTimers();
  final PhysicalMemory memory = PhysicalMemory.everywhere();
  final FrameAllocator frames =
      new FrameAllocator(memory, List.of(new PhysRange(512 * MIB, 1024 * MIB)));
  final ModelCpus cpus = new ModelCpus(2);
  final SwiotlbPool pool;
  final CachedDomain domain;
  final Device device = new Device("0000:00:05.0");
  final DmaMapping dma;
  final DmaIommu iommu;

  private World(Builder from) {
    domain = new CachedDomain(from.type(), from.lazy, from.pageSizes);
    DeviceLog deviceLog = new DeviceLog(log::add, timers::nowMillis);
    SwiotlbRules swiotlb = from.release.kernel.swiotlb();
    pool =
        from.poolIsAbsent
            ? SwiotlbPool.absent(swiotlb, memory, 0, SwiotlbForce.NORMAL, deviceLog)
            : SwiotlbPool.at(swiotlb, memory, POOL, POOL_SLOTS, SwiotlbForce.NORMAL, deviceLog);
    PageAllocator buffers = from.buffers == null ? frames : from.buffers;
    SystemServices services =
        new SystemServices(
            from.release.kernel,
            memory,
            frames,
            buffers,
            (1024 * MIB) >>> 12,
            timers,
            cpus,
            log::add,
            pool,
            HardwareObserver.NONE);
    iommu = new DmaIommu(from.release.rules, services, from.forceDac);
    DmaClient client =
        new DmaClient(device, from.isPci, from.isUntrusted, from.bridge, from.reserved);
    device.setDmaOps(iommu.setUpDmaOps(client, domain));
    dma =
        new DmaMapping(
            from.release.kernel.dispatch(),
            opsOfAnother(),
            pfn -> pfn < (1024 * MIB) >>> 12,
            DmaObserver.NONE);
  }

  private DmaOps opsOfAnother() {
    DmaClient other =
        new DmaClient(
            new Device("0000:00:06.0"), true, false, HostBridge.none(), ImmutableList.of());
    CachedDomain itsDomain = new CachedDomain(DomainType.DMA, false, CachedDomain.PAGE);
    return Objects.requireNonNull(iommu.setUpDmaOps(other, itsDomain));
  }

  DmaOps ops() {
    return Objects.requireNonNull(device.dmaOps());
  }

  static Builder of(Releases release) {
    return new Builder(release);
  }

  /** Lets all flushes happen that are due. */
  void letTimersFlush() {
    timers.advance(10);
  }

  /** What differs from a trusted PCI device in a strict domain of 4 KiB pages. */
  static final class Builder {
    private final Releases release;
    private boolean lazy;
    private boolean forceDac;
    private boolean isPci = true;
    private boolean isUntrusted;
    private boolean poolIsAbsent;
    private long pageSizes = CachedDomain.PAGE;
    private HostBridge bridge = HostBridge.none();
    private ImmutableList<ReservedRegion> reserved = ImmutableList.of();
    private @Nullable PageAllocator buffers;

    private Builder(Releases release) {
      this.release = release;
    }

    private DomainType type() {
      return lazy && release.rules.queueing() == DmaIommuRules.Queueing.BY_TYPE
          ? DomainType.DMA_FQ
          : DomainType.DMA;
    }

    Builder lazy(boolean is) {
      lazy = is;
      return this;
    }

    Builder forceDac() {
      forceDac = true;
      return this;
    }

    Builder notPci() {
      isPci = false;
      return this;
    }

    Builder untrusted() {
      isUntrusted = true;
      return this;
    }

    Builder withoutPool() {
      poolIsAbsent = true;
      return this;
    }

    Builder pageSizes(long sizes) {
      pageSizes = sizes;
      return this;
    }

    Builder windows(AddressRange... windows) {
      bridge = new HostBridge(ImmutableList.copyOf(windows), bridge.dmaRanges());
      return this;
    }

    Builder dmaRanges(AddressRange... ranges) {
      bridge = new HostBridge(bridge.windows(), ImmutableList.copyOf(ranges));
      return this;
    }

    Builder reserved(ReservedRegion... regions) {
      reserved = ImmutableList.copyOf(regions);
      return this;
    }

    Builder buffers(PageAllocator allocator) {
      buffers = allocator;
      return this;
    }

    World boot() {
      return new World(this);
    }
  }
}

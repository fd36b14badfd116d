package org.iommu4j.evidence.path;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.base.trace.CallRecorder;
import org.iommu4j.base.trace.TracedCall;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.evidence.path.TracedMapping.Reach;
import org.iommu4j.evidence.path.TracedMapping.Request;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.NoMemoryException;
import org.iommu4j.iova.IovaFlushQueue;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciAddress;

/**
 * Boots a machine, maps a buffer for one of its devices, unmaps it and lets the timers run, and
 * records what the kernel calls meanwhile. Not thread-safe.
 */
public final class MappingTracer {
  /** The most bytes that offset and size may make together. */
  public static final int MAX_BYTES = PAGE_BYTES << FrameAllocator.MAX_ORDER;

  private static final int NONE = DmaAttributes.NONE;

  private final LinuxSystem system;
  private final ManualTimers timers = new ManualTimers();
  private final Device device;
  private final PciAddress address;
  private final BusMaster bus;
  private final List<String> log = new ArrayList<>();

  /**
   * Boots a machine.
   *
   * @throws IllegalArgumentException if it has no function at this address
   */
  public MappingTracer(Machine machine, PciAddress address) {
    this.system = LinuxSystem.boot(machine, BootOptions.of(machine).withTimers(timers));
    this.address = address;
    this.device =
        system
            .device(address)
            .orElseThrow(() -> new IllegalArgumentException("there is no function " + address));
    this.bus = system.busMaster(address).orElseThrow();
  }

  /** Returns the booted system. */
  public LinuxSystem system() {
    return system;
  }

  /**
   * Maps, unmaps and flushes.
   *
   * @throws NoMemoryException if the machine has no memory for the buffer
   */
  public TracedMapping trace(Request request) {
    DmaMapping dma = system.dma();
    long pagePhys = allocate(request);
    int offset = request.offsetBytes();
    int size = request.sizeBytes();
    DmaDirection direction = request.direction();
    system.takeLog();
    log.clear();
    int maskResult = dma.setMask(device, DmaMapping.bitMask(request.maskBits()));
    long[] mapped = new long[1];
    ImmutableList<TracedCall> map =
        record(() -> mapped[0] = dma.mapPage(device, pagePhys, offset, size, direction, NONE));
    long dmaAddr = mapped[0];
    boolean failed = dma.mappingError(device, dmaAddr);
    long seenPhys = failed ? 0 : translate(dmaAddr);
    boolean reachesMapped = reaches(dmaAddr, direction);
    ImmutableList<TracedCall> unmap =
        failed
            ? ImmutableList.of()
            : record(() -> dma.unmapPage(device, dmaAddr, size, direction, NONE));
    boolean reachesUnmapped = reaches(dmaAddr, direction);
    ImmutableList<TracedCall> flush = record(() -> timers.advance(IovaFlushQueue.TIMEOUT_MILLIS));
    Reach reach = new Reach(reachesMapped, reachesUnmapped, reaches(dmaAddr, direction));
    return new TracedMapping(
        pagePhys + offset,
        request,
        maskResult,
        dmaAddr,
        seenPhys,
        map,
        unmap,
        flush,
        reach,
        ImmutableList.copyOf(log));
  }

  private ImmutableList<TracedCall> record(Runnable work) {
    List<TracedCall> calls = CallRecorder.record(system.rules().release(), work);
    log.addAll(system.takeLog());
    return ImmutableList.copyOf(calls);
  }

  private long allocate(Request request) {
    int order = 0;
    while (PAGE_BYTES << order < request.offsetBytes() + request.sizeBytes()) {
      order++;
    }
    long phys = system.services().buffers().allocate(order, MemoryZone.NORMAL);
    if (phys == PageAllocator.NONE) {
      throw new NoMemoryException("a buffer of " + (1 << order) + " pages");
    }
    return phys;
  }

  private long translate(long dmaAddr) {
    return system
        .domain(address)
        .filter(domain -> domain.type() != DomainType.IDENTITY)
        .map(domain -> domain.iovaToPhys(dmaAddr))
        .orElse(dmaAddr);
  }

  private boolean reaches(long dmaAddr, DmaDirection direction) {
    if (system.dma().mappingError(device, dmaAddr)) {
      return false;
    }
    byte[] bytes = new byte[1];
    boolean done =
        direction.deviceWrites()
            ? bus.write(dmaAddr, bytes, 0, 1) == null
            : bus.read(dmaAddr, bytes, 0, 1) == null;
    // What the hardware reports about this access is not about the driver's calls.
    system.takeLog();
    return done;
  }
}

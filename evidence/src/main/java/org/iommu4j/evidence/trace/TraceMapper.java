package org.iommu4j.evidence.trace;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.SetMultimap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * Maps and unmaps on the model what a trace shows, with every direction: a trace tells none. Not
 * thread-safe.
 */
final class TraceMapper {
  private static final DmaDirection DIRECTION = DmaDirection.BIDIRECTIONAL;
  private static final long LIVE_PAGES_LIMIT = 1L << 22;
  private static final String NO_ANSWER = "an unmapping has no answer";

  private final LinuxSystem system;
  private final DmaMapping dma;
  private final PlacedBuffers buffers;
  private final Map<String, Optional<Device>> devices = new HashMap<>();
  private final Map<String, Integer> groups = new HashMap<>();
  private final Map<String, NavigableMap<Long, LiveMapping>> live = new HashMap<>();
  private final SetMultimap<String, Long> notMapped = HashMultimap.create();
  private final AddressBindings bindings = new AddressBindings();
  private long livePages;

  TraceMapper(LinuxSystem system, PlacedBuffers buffers) {
    this.system = system;
    this.dma = system.dma();
    this.buffers = buffers;
  }

  /** Returns the number of a device's group, or -1 if it has none. */
  int groupOf(String device) {
    return groups.computeIfAbsent(
        device,
        name ->
            PciAddress.parse(name)
                .flatMap(address -> system.report().device(address))
                .map(DeviceReport::group)
                .orElse(-1));
  }

  private Optional<Device> device(String name) {
    return devices.computeIfAbsent(
        name, unknown -> PciAddress.parse(unknown).flatMap(system::device));
  }

  private NavigableMap<Long, LiveMapping> liveOf(String device) {
    return live.computeIfAbsent(device, unused -> new TreeMap<>());
  }

  /** Returns why no mapping of the model can be compared with the event; null if one can. */
  private @Nullable Verdict obstacle(TraceEvent event, Optional<Device> device) {
    if (livePages > LIVE_PAGES_LIMIT) {
      return Verdict.notChecked(
          event, "more than 16 GiB are mapped, which the model does not hold");
    }
    if (device.isEmpty()) {
      return Verdict.notChecked(event, "the machine has no such PCI function");
    }
    DmaPath path = device.get().dmaPath();
    if (path == DmaPath.DIRECT) {
      return Verdict.different(event, "(no event: the device is mapped directly)");
    }
    boolean bounces = path == DmaPath.BOUNCED;
    return switch (event.kind()) {
      case BOUNCE_MAP ->
          bounces ? null : Verdict.different(event, "(map_single: the device does not bounce)");
      case MAP_LIST ->
          bounces ? Verdict.different(event, "(bounce_map_sg: the device bounces)") : null;
      default -> null;
    };
  }

  /** Maps a buffer. */
  Verdict map(TraceEvent event) {
    Optional<Device> found = device(event.device());
    Verdict obstacle = obstacle(event, found);
    if (obstacle != null) {
      return failed(event, obstacle);
    }
    Device device = found.orElseThrow();
    unmapImplied(event);
    long inPage = event.phys() & OFFSET_MASK;
    // What a device shares with the CPU does not bounce, and leaves the other event.
    boolean shared = event.kind() == EventKind.MAP && device.dmaPath() == DmaPath.BOUNCED;
    CoherentBuffer buffer = shared ? allocate(device, event) : null;
    long sizeBytes = event.kind() == EventKind.MAP ? event.sizeBytes() - inPage : event.sizeBytes();
    long dmaAddr =
        shared
            ? buffer == null ? DmaMapping.MAPPING_ERROR : buffer.dmaAddr()
            : dma.mapSingle(device, event.phys(), sizeBytes, DIRECTION, 0);
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      return failed(event, Verdict.different(event, "(no event: the mapping fails)"));
    }
    long pages = Pages.touched(inPage, sizeBytes);
    LiveMapping mapping =
        new LiveMapping(device, event.pfn(), Pages.alignDown(dmaAddr), pages, buffer);
    put(event, mapping);
    long shownAddr = shown(mapping, dmaAddr);
    Verdict verdict =
        Verdict.of(event, text(event, "", shownAddr, event.phys(), event.sizeBytes()));
    bindIfDifferent(mapping, verdict);
    return verdict;
  }

  // What is unmapped later is then known not to be there.
  private Verdict failed(TraceEvent map, Verdict verdict) {
    notMapped.put(map.device(), map.pfn());
    return verdict;
  }

  private long shown(LiveMapping mapping, long dmaAddr) {
    return bindings.shown(groupOf(mapping.device().name()), mapping.modelAddr(), dmaAddr);
  }

  private void bindIfDifferent(LiveMapping mapping, Verdict verdict) {
    if (verdict.isDifferent()) {
      int group = groupOf(mapping.device().name());
      bindings.bind(group, mapping.modelAddr(), mapping.recordedPfn() << PAGE_SHIFT);
    }
  }

  private @Nullable CoherentBuffer allocate(Device device, TraceEvent event) {
    buffers.placeAt(Pages.alignDown(event.phys()));
    CoherentBuffer buffer = dma.allocCoherent(device, event.sizeBytes(), 0);
    buffers.placeAt(PageAllocator.NONE);
    return buffer;
  }

  /** Maps a list; returns a verdict a piece. */
  List<Verdict> mapList(List<TraceEvent> pieces) {
    TraceEvent first = pieces.get(0);
    Optional<Device> found = device(first.device());
    List<Verdict> verdicts = new ArrayList<>();
    Verdict obstacle = obstacle(first, found);
    if (obstacle != null) {
      notMapped.put(first.device(), first.pfn());
      pieces.forEach(piece -> verdicts.add(obstacle(piece, found)));
      return verdicts;
    }
    unmapImplied(first);
    ScatterList list = list(pieces);
    Device device = found.orElseThrow();
    if (dma.mapSg(device, list, DIRECTION, 0) == 0) {
      notMapped.put(first.device(), first.pfn());
      pieces.forEach(
          piece -> verdicts.add(Verdict.different(piece, "(no event: the mapping fails)")));
      return verdicts;
    }
    long start = Pages.alignDown(list.dmaAddr(0));
    LiveMapping mapping = new LiveMapping(device, first.pfn(), start, pages(pieces), null);
    put(first, mapping);
    for (int i = 0; i < pieces.size(); i++) {
      String which = String.format(" [%d/%d]", i + 1, list.size());
      long dmaAddr = shown(mapping, list.dmaAddr(i));
      verdicts.add(
          Verdict.of(
              pieces.get(i),
              text(pieces.get(i), which, dmaAddr, list.phys(i), list.dmaLengthBytes(i))));
    }
    bindIfDifferent(mapping, verdicts.get(0));
    return verdicts;
  }

  private static ScatterList list(List<TraceEvent> pieces) {
    ScatterList list = new ScatterList(pieces.size());
    for (TraceEvent piece : pieces) {
      int offset = (int) (piece.phys() & OFFSET_MASK);
      list.add(Pages.alignDown(piece.phys()), offset, (int) piece.sizeBytes());
    }
    return list;
  }

  private static long pages(List<TraceEvent> pieces) {
    return pieces.stream().mapToLong(piece -> Pages.touched(piece.phys(), piece.sizeBytes())).sum();
  }

  private static String text(
      TraceEvent event, String which, long dmaAddr, long phys, long sizeBytes) {
    return String.format(
        "%s: dev=%s%s dev_addr=0x%x phys_addr=0x%x size=%d",
        event.kind().eventName(), event.device(), which, dmaAddr, phys, sizeBytes);
  }

  private void put(TraceEvent event, LiveMapping mapping) {
    notMapped.remove(event.device(), event.pfn());
    liveOf(event.device()).put(mapping.recordedPfn(), mapping);
    livePages += mapping.pages();
  }

  // The kernel hands out no address that is mapped, so that its unmapping is not in the trace.
  private void unmapImplied(TraceEvent map) {
    LiveMapping old = liveOf(map.device()).remove(map.pfn());
    if (old != null) {
      livePages -= old.pages();
      undo(old, old.modelAddr(), old.pages() << PAGE_SHIFT);
    }
  }

  /** Unmaps what the model has in the place of what the kernel unmapped. */
  Verdict unmap(TraceEvent event) {
    NavigableMap<Long, LiveMapping> ofDevice = liveOf(event.device());
    Map.Entry<Long, LiveMapping> floor = ofDevice.floorEntry(event.pfn());
    if (floor == null || !floor.getValue().contains(event.pfn())) {
      return Verdict.notChecked(
          event,
          notMapped.remove(event.device(), event.pfn())
              ? "unmaps what the model has not mapped"
              : "unmaps what the trace does not show being mapped");
    }
    LiveMapping mapping = floor.getValue();
    if (mapping.recordedPfn() == event.pfn()) {
      ofDevice.remove(event.pfn());
      livePages -= mapping.pages();
    }
    try {
      undo(mapping, mapping.modelOf(event.address()), event.sizeBytes());
    } catch (IllegalArgumentException beyond) {
      return Verdict.notChecked(event, "unmaps more than the domain has");
    }
    return Verdict.notChecked(event, NO_ANSWER);
  }

  private void undo(LiveMapping mapping, long modelAddr, long sizeBytes) {
    CoherentBuffer buffer = mapping.buffer();
    if (buffer != null) {
      dma.freeCoherent(mapping.device(), buffer, 0);
    } else {
      dma.unmapPage(mapping.device(), modelAddr, sizeBytes, DIRECTION, 0);
    }
  }

  /** Compares an event that tells of an earlier call once more. */
  Verdict echo(TraceEvent event) {
    if (event.kind() != EventKind.BOUNCE_MAP_LIST) {
      return Verdict.notChecked(event, NO_ANSWER);
    }
    LiveMapping mapping = liveOf(event.device()).get(event.pfn());
    if (mapping == null) {
      return Verdict.notChecked(
          event,
          notMapped.containsEntry(event.device(), event.pfn())
              ? "the model has not mapped the piece"
              : "the piece's own mapping is not in the trace");
    }
    String which = String.format(" [%d/%d]", event.index(), event.total());
    return Verdict.of(
        event,
        text(event, which, shown(mapping, mapping.modelAddr()), event.phys(), event.sizeBytes()));
  }
}

package org.iommu4j.evidence.replay;

import java.util.OptionalLong;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.NoncoherentMemory;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.evidence.replay.ReplayMapping.Kind;

/** The commands that map and unmap: {@code map resource sg alloc apages unmap}. Not thread-safe. */
final class MappingCommands {
  private final ReplayState state;

  MappingCommands(ReplayState state) {
    this.state = state;
  }

  private static DmaDirection direction(String word) {
    return switch (word) {
      case "to" -> DmaDirection.TO_DEVICE;
      case "from" -> DmaDirection.FROM_DEVICE;
      default -> DmaDirection.BIDIRECTIONAL;
    };
  }

  private String mapped(TranscriptCommand command, ReplayMapping mapping) {
    state.putAddress(command, mapping.dmaAddr());
    if (mapping.dmaAddr() == DmaMapping.MAPPING_ERROR) {
      state.removeMapping(command);
      return "error=mapping";
    }
    state.putMapping(command, mapping);
    return place(mapping.dmaAddr());
  }

  private String place(long dmaAddr) {
    return String.format("dma=0x%x phys=0x%x", dmaAddr, state.translate(dmaAddr));
  }

  /** {@code map ID PAGE OFF SIZE DIR [ATTRS]}. */
  String map(TranscriptCommand command) {
    Device device = state.device();
    long size = command.number(4);
    DmaDirection direction = direction(command.word(5));
    int attributes = (int) command.number(6, 0);
    long page = state.pagePhys(command, 2);
    long dmaAddr =
        state.dma().mapPage(device, page, command.number(3), size, direction, attributes);
    return mapped(command, ReplayMapping.single(device, dmaAddr, size, direction, attributes));
  }

  /** {@code resource ID PHYS SIZE DIR}. */
  String resource(TranscriptCommand command) {
    Device device = state.device();
    long size = command.number(3);
    DmaDirection direction = direction(command.word(4));
    long dmaAddr = state.dma().mapResource(device, command.number(2), size, direction, 0);
    return mapped(command, ReplayMapping.resource(device, dmaAddr, size, direction));
  }

  /** {@code sg ID DIR PAGE:OFF:LEN ...}. */
  String sg(TranscriptCommand command) {
    Device device = state.device();
    DmaDirection direction = direction(command.word(2));
    ScatterList list = state.list(command, 3);
    int entries = state.dma().mapSg(device, list, direction, 0);
    if (entries == 0) {
      state.removeMapping(command);
    } else {
      state.putMapping(command, ReplayMapping.ofList(device, list, direction));
    }
    return "nents=" + entries + ReplayState.pieces(list, entries);
  }

  /** {@code alloc ID SIZE}. */
  String alloc(TranscriptCommand command) {
    Device device = state.device();
    long size = command.number(2);
    OptionalLong recorded = RecordedPages.physOf(command);
    state.place(recorded);
    CoherentBuffer buffer = state.dma().allocCoherent(device, size, 0);
    boolean hadMemory = state.pages().gave();
    state.pages().placeAt(PageAllocator.NONE);
    if (buffer == null || recorded.isEmpty()) {
      // drivers/iommu/intel/iommu.c:intel_alloc_coherent tells its caller so: memory, no address.
      if (buffer == null && hadMemory && device.dmaPath() != DmaPath.DIRECT) {
        state.putAddress(command, DmaMapping.MAPPING_ERROR);
      }
      state.removeMapping(command);
      return "error=nomem";
    }
    state.putAddress(command, buffer.dmaAddr());
    state.putMapping(command, ReplayMapping.coherent(device, buffer, size));
    return place(buffer.dmaAddr());
  }

  /** {@code apages ID SIZE DIR}. */
  String pages(TranscriptCommand command) {
    Device device = state.device();
    DmaDirection direction = direction(command.word(3));
    state.placeMapped(command);
    DmaPages pages =
        new NoncoherentMemory(state.dma()).allocPages(device, command.number(2), direction);
    state.pages().placeAt(PageAllocator.NONE);
    if (pages == null) {
      state.removeMapping(command);
      return "error=nomem";
    }
    state.putAddress(command, pages.dmaAddr());
    state.putMapping(command, ReplayMapping.ofPages(device, pages, direction));
    return String.format("dma=0x%x", pages.dmaAddr());
  }

  /** {@code unmap ID [ATTRS]}. */
  String unmap(TranscriptCommand command) {
    ReplayMapping mapping = state.mapping(command, 1);
    if (mapping == null) {
      return "error=nomap";
    }
    mapping.undo(state.dma(), (int) command.number(2, mapping.attributes()));
    state.removeMapping(command);
    return mapping.kind() == Kind.LIST
        ? "ok"
        : String.format("ok after=0x%x", state.translate(mapping.dmaAddr()));
  }
}

package org.iommu4j.evidence.replay;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.DmaPath;
import org.iommu4j.dma.NoncoherentMemory;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.evidence.replay.ReplayMapping.Kind;
import org.iommu4j.iommu.dma.DmaIommuRules.Trait;
import org.iommu4j.iommu.dma.release.DmaReleases;

/** The commands that map and unmap: {@code map resource sg alloc apages unmap}. Not thread-safe. */
final class MappingCommands {
  private final ReplayState state;

  /**
   * Whether who gets memory and no address for it is told of that address.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_alloc_coherent}; not so {@code
   * drivers/iommu/dma-iommu.c:iommu_dma_alloc_remap}.
   */
  private final boolean tellsFailure;

  MappingCommands(ReplayState state) {
    this.state = state;
    this.tellsFailure = !DmaReleases.rules(state.system().rules()).does(Trait.ALLOCATES_PIECES);
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
    List<PhysRange> recorded = RecordedPages.runsOf(command);
    state.place(recorded);
    CoherentBuffer buffer = state.dma().allocCoherent(device, size, 0);
    boolean hadMemory = state.pages().gave();
    state.pages().placeNowhere();
    if (buffer == null || recorded.isEmpty()) {
      if (buffer == null && hadMemory && device.dmaPath() != DmaPath.DIRECT && tellsFailure) {
        state.putAddress(command, DmaMapping.MAPPING_ERROR);
      }
      state.removeMapping(command);
      return "error=nomem";
    }
    state.putAddress(command, buffer.dmaAddr());
    state.putMapping(command, ReplayMapping.coherent(device, buffer, size));
    return place(buffer.dmaAddr()) + frames(buffer.dmaAddr(), Pages.alignUp(size));
  }

  /** Returns where pages lie, as the module writes it if that is not one run. */
  private String frames(long dmaAddr, long sizeBytes) {
    List<String> runs = new ArrayList<>();
    long startPhys = state.translate(dmaAddr);
    long runBytes = PAGE_BYTES;
    for (long at = PAGE_BYTES; at < sizeBytes; at += PAGE_BYTES) {
      long phys = state.translate(dmaAddr + at);
      if (phys == startPhys + runBytes) {
        runBytes += PAGE_BYTES;
      } else {
        runs.add(String.format("%x+%x", startPhys, runBytes));
        startPhys = phys;
        runBytes = PAGE_BYTES;
      }
    }
    if (runs.isEmpty()) {
      return "";
    }
    runs.add(String.format("%x+%x", startPhys, runBytes));
    return " frames=" + String.join(",", runs);
  }

  /** {@code apages ID SIZE DIR}. */
  String pages(TranscriptCommand command) {
    Device device = state.device();
    DmaDirection direction = direction(command.word(3));
    state.placeMapped(command);
    DmaPages pages =
        new NoncoherentMemory(state.dma()).allocPages(device, command.number(2), direction);
    state.pages().placeNowhere();
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

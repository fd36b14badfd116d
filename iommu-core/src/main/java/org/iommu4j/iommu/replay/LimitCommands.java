package org.iommu4j.iommu.replay;

import org.iommu4j.dma.Device;

/**
 * The commands about what a device and its bus can do, and about the pool of bounce slots: {@code
 * minalign segbound buslimit slots needsync sgsynccpu sgsyncdev}. Not thread-safe.
 */
final class LimitCommands {
  private final ReplayState state;

  LimitCommands(ReplayState state) {
    this.state = state;
  }

  /** {@code minalign MASK}. */
  String minAlign(TranscriptCommand command) {
    state.device().setMinAlignMask((int) command.number(1));
    return "ret=0";
  }

  /** {@code segbound MASK}. */
  String segmentBoundary(TranscriptCommand command) {
    state.device().setSegmentBoundaryMask(command.number(1));
    return "ret=0";
  }

  /** {@code buslimit ADDRESS}. */
  String busLimit(TranscriptCommand command) {
    state.device().setBusDmaLimit(command.number(1));
    return "ok";
  }

  /** {@code slots}. */
  String slots() {
    return "used=" + state.system().services().pool().usedSlots();
  }

  /** {@code needsync ID}. */
  String needsSync(TranscriptCommand command) {
    ReplayMapping mapping = state.mapping(command, 1);
    if (mapping == null) {
      return "-1";
    }
    return state.dma().needsSync(mapping.device(), mapping.dmaAddr()) ? "1" : "0";
  }

  /** {@code sgsynccpu ID}, {@code sgsyncdev ID}. */
  String syncList(TranscriptCommand command, boolean forCpu) {
    ReplayMapping mapping = state.mapping(command, 1);
    if (mapping == null || mapping.list() == null) {
      return "error=nomap";
    }
    Device device = mapping.device();
    if (forCpu) {
      state.dma().syncSgForCpu(device, mapping.list(), mapping.direction());
    } else {
      state.dma().syncSgForDevice(device, mapping.list(), mapping.direction());
    }
    return "ok";
  }
}

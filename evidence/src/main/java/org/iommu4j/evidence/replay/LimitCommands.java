package org.iommu4j.evidence.replay;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPath;

/**
 * The commands about what a device and its bus can do, and about the pool of bounce slots: {@code
 * info limits flags maxseg segbound boundary minalign buslimit noparms slots}. Not thread-safe.
 */
final class LimitCommands {
  private final ReplayState state;

  LimitCommands(ReplayState state) {
    this.state = state;
  }

  /** Runs one of the commands. */
  String run(TranscriptCommand command) {
    Device device = state.device();
    return switch (command.word(0)) {
      case "info" -> info(state.dma(), device);
      case "limits" -> limits(state.dma(), device);
      case "flags" -> flags(device);
      case "maxseg" -> "ret=" + device.setMaxSegmentSizeBytes((int) command.number(1));
      case "minalign" -> "ret=" + device.setMinAlignMask((int) command.number(1));
      case "buslimit" -> busLimit(device, command.number(1));
      case "noparms" -> withoutParameters(device);
      case "slots" -> "used=" + state.system().services().pool().usedSlots();
      default -> "ret=" + device.setSegmentBoundaryMask(command.number(1));
    };
  }

  private static String info(DmaMapping dma, Device device) {
    return String.format(
        "required_mask=0x%x max_mapping=0x%x merge_boundary=0x%x",
        dma.requiredMask(device), dma.maxMappingSizeBytes(device), dma.mergeBoundary(device));
  }

  private static String flags(Device device) {
    return String.format(
        "dma_iommu=%d skip_sync=%d",
        device.dmaPath() == DmaPath.DIRECT ? 0 : 1, device.skipsSync() ? 1 : 0);
  }

  private static String limits(DmaMapping dma, Device device) {
    return String.format(
        "max_seg=0x%x boundary=0x%x pages=0x%x min_align=0x%x cache=%d limited=%d canmmap=%d",
        device.maxSegmentSizeBytes(),
        device.segmentBoundaryMask(),
        device.segmentBoundaryPages(PAGE_SHIFT),
        device.minAlignMask(),
        DmaMapping.cacheAlignmentBytes(),
        dma.isAddressingLimited(device) ? 1 : 0,
        dma.canMmap(device) ? 1 : 0);
  }

  private static String busLimit(Device device, long limit) {
    device.setBusDmaLimit(limit);
    return "ok";
  }

  private static String withoutParameters(Device device) {
    device.dropParameters();
    return "ok";
  }
}

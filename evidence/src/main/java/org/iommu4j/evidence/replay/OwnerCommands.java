package org.iommu4j.evidence.replay;

import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.jspecify.annotations.Nullable;

/**
 * The commands that take a group's DMA away from the kernel's drivers, and give it back: {@code
 * dclaim drelease dclaimed}. Not thread-safe.
 */
final class OwnerCommands {
  private static final int NO_GROUP = -1;

  private final ReplayState state;

  OwnerCommands(ReplayState state) {
    this.state = state;
  }

  /** Runs one of the commands. */
  String run(TranscriptCommand command) {
    IommuApi iommu = state.system().iommu();
    @Nullable IommuGroup group = iommu.group(state.address()).orElse(null);
    return switch (command.word(0)) {
      case "dclaim" -> "ret=" + (group == null ? Errno.ENODEV : iommu.claimDmaOwner(group, this));
      case "drelease" -> release(iommu, group);
      default -> String.valueOf(claimed(iommu, group));
    };
  }

  private static String release(IommuApi iommu, @Nullable IommuGroup group) {
    if (group != null) {
      iommu.releaseDmaOwner(group);
    }
    return "ok";
  }

  private static int claimed(IommuApi iommu, @Nullable IommuGroup group) {
    if (group == null) {
      return NO_GROUP;
    }
    return iommu.dmaOwnerClaimed(group) ? 1 : 0;
  }
}

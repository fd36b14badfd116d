package org.iommu4j.vfio.type1;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;

/**
 * Takes mappings away: from the IOMMU first, from its caches next, and only then are their pages
 * unpinned. Guarded by the lock of its {@link Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_unmap_unpin}.
 */
final class DmaRemover {
  /** How many runs may wait for one flush of the caches. */
  private static final int MOST_WAITING_RUNS = 512;

  private final Type1State state;
  private final List<Run> waiting = new ArrayList<>();
  private final IotlbGather gather = new IotlbGather();

  DmaRemover(Type1State state) {
    this.state = state;
  }

  /** Source: {@code vfio_remove_dma}. */
  void remove(DmaEntry mapping) {
    unmapAndUnpin(mapping);
    state.mappings.unlink(mapping);
    state.invalidMappings -= mapping.isValid() ? 0 : 1;
    state.dmaAvail++;
  }

  /** Source: {@code vfio_iommu_unmap_unpin_all}. */
  void removeAll() {
    for (DmaEntry entry = state.mappings.first(); entry != null; entry = state.mappings.first()) {
      remove(entry);
    }
  }

  private void unmapAndUnpin(DmaEntry mapping) {
    if (mapping.sizeBytes() == 0 || state.domains.isEmpty()) {
      return;
    }
    // The first domain knows which frames are to be unpinned, so that it comes last.
    Type1Domain first = state.domains.get(0);
    for (Type1Domain other : state.domains.subList(1, state.domains.size())) {
      state.iommu().unmap(other.domain(), mapping.iova(), mapping.sizeBytes());
    }
    gather.reset();
    long unlocked = 0;
    for (long iova = mapping.iova(); Long.compareUnsigned(iova, mapping.endIova()) < 0; ) {
      long phys = state.iommu().iovaToPhys(first.domain(), iova);
      if (phys == 0) {
        throw new AssertionError(String.format("0x%x was mapped and is not", iova));
      }
      long runBytes = runBytes(first, iova, mapping.endIova(), phys);
      long unmapped = state.iommu().unmapFast(first.domain(), iova, runBytes, gather);
      if (unmapped == 0) {
        throw new AssertionError(String.format("0x%x is mapped and stays so", iova));
      }
      waiting.add(new Run(phys >>> PAGE_SHIFT, unmapped >>> PAGE_SHIFT));
      iova += unmapped;
      if (waiting.size() >= MOST_WAITING_RUNS) {
        unlocked += flushAndUnpin(first.domain());
      }
    }
    mapping.setIommuMapped(false);
    unlocked += flushAndUnpin(first.domain());
    PagePinner.account(mapping, -unlocked);
  }

  private long runBytes(Type1Domain domain, long iova, long endIova, long phys) {
    long bytes = PAGE_BYTES;
    while (!domain.isFineGrained()
        && Long.compareUnsigned(iova + bytes, endIova) < 0
        && state.iommu().iovaToPhys(domain.domain(), iova + bytes) == phys + bytes) {
      bytes += PAGE_BYTES;
    }
    return bytes;
  }

  /** Source: {@code vfio_sync_unpin}. */
  private long flushAndUnpin(IommuDomain domain) {
    if (waiting.isEmpty()) {
      return 0;
    }
    state.iommu().iotlbSync(domain, gather);
    long unlocked = 0;
    for (Run run : waiting) {
      for (long i = 0; i < run.pages(); i++) {
        if (state.host.userFrames().unpin(run.pfn() + i)) {
          unlocked++;
        }
      }
    }
    waiting.clear();
    return unlocked;
  }

  /**
   * Frames that were mapped in one piece.
   *
   * @param pfn the first
   * @param pages how many
   */
  private record Run(long pfn, long pages) {}
}

package org.iommu4j.iommu.dma;

import org.iommu4j.base.Errno;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.dma.DmaIommuRules.Trait;

/**
 * Maps lists of buffers to one run of I/O addresses.
 *
 * <p>While a list is being mapped, the length of each of its entries for the device is that of the
 * pages which the entry takes. Thread-safe, but for the same list; allocates nothing in steady
 * state.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_map_sg}.
 */
final class ListMapper {
  private static final long MAX_ENTRY_BYTES = 0xffff_ffffL;

  private final DeviceMapper mapper;
  private final DmaSpace space;
  private final boolean givesNoBytesAnAddress;
  private final boolean refusesOverlongEntries;

  ListMapper(DeviceMapper mapper, DmaIommuRules rules) {
    this.mapper = mapper;
    this.space = mapper.space();
    this.givesNoBytesAnAddress = rules.does(Trait.GIVES_NO_BYTES_AN_ADDRESS);
    this.refusesOverlongEntries = rules.does(Trait.REFUSES_OVERLONG_ENTRIES);
  }

  /**
   * Maps a list; returns how many segments the device has to follow, or a negative error number.
   *
   * @param protection bits of {@link org.iommu4j.iommu.spi.IommuDomain}
   */
  int map(Device device, ScatterList list, int protection) {
    long totalBytes = layOut(list, device.segmentBoundaryMask());
    if (totalBytes < 0) {
      return failed(list, Errno.EINVAL);
    }
    if (totalBytes == 0 && !givesNoBytesAnAddress) {
      return SegmentJoiner.join(list, device, 0, space.granuleMask());
    }
    long address = mapper.alloc(device, totalBytes, DmaMapping.getMask(device));
    if (address == DeviceAddresses.NONE) {
      return failed(list, Errno.ENOMEM);
    }
    int error = mapRuns(list, address, totalBytes, protection);
    if (error != 0) {
      mapper.giveBack(address, totalBytes);
      return failed(list, error == Errno.ENOMEM ? error : Errno.EINVAL);
    }
    return SegmentJoiner.join(list, device, address, space.granuleMask());
  }

  /** Source: {@code drivers/iommu/dma-iommu.c:__invalidate_sg}. */
  private static int failed(ScatterList list, int error) {
    for (int i = 0; i < list.size(); i++) {
      list.setDma(i, DmaMapping.MAPPING_ERROR, 0);
    }
    return error;
  }

  /**
   * Widens each entry to pages, and the one before to the boundary that the entry would cross;
   * returns the bytes of all, or a negative number if one is too long.
   */
  private long layOut(ScatterList list, long boundaryMask) {
    long totalBytes = 0;
    long previousBytes = 0;
    int entries = list.size();
    for (int i = 0; i < entries; i++) {
      long offset = list.offsetBytes(i) & space.granuleMask();
      long entryBytes = space.pageBytes(offset, list.lengthBytes(i));
      long toBoundary = (boundaryMask - totalBytes + 1) & boundaryMask;
      if (toBoundary != 0 && Long.compareUnsigned(toBoundary, entryBytes - 1) < 0) {
        previousBytes += toBoundary;
        if (refusesOverlongEntries && Long.compareUnsigned(previousBytes, MAX_ENTRY_BYTES) > 0) {
          return -1;
        }
        list.setDma(i - 1, 0, (int) previousBytes);
        totalBytes += toBoundary;
      }
      list.setDma(i, 0, (int) entryBytes);
      totalBytes += entryBytes;
      previousBytes = entryBytes;
    }
    return totalBytes;
  }

  /**
   * Maps the entries' pages, those together that lie side by side in memory.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_map_sg}.
   *
   * @return 0 or a negative error number
   */
  private int mapRuns(ScatterList list, long address, long totalBytes, int protection) {
    long doneBytes = 0;
    long runPhys = 0;
    long runBytes = 0;
    int entries = list.size();
    for (int i = 0; i <= entries; i++) {
      long phys = i == entries ? 0 : pagePhys(list, i);
      long bytes = i == entries ? 0 : Integer.toUnsignedLong(list.dmaLengthBytes(i));
      if (i < entries && runBytes != 0 && phys == runPhys + runBytes) {
        runBytes += bytes;
        continue;
      }
      if (runBytes != 0) {
        int error = space.mapRun(address + doneBytes, runPhys, runBytes, protection);
        if (error != 0) {
          space.unmapRuns(address, doneBytes);
          return error;
        }
        doneBytes += runBytes;
      }
      runPhys = phys;
      runBytes = bytes;
    }
    space.syncRuns(address, doneBytes);
    // Fewer where a length has wrapped: what is mapped then stays so, at addresses that are free.
    return Long.compareUnsigned(doneBytes, totalBytes) < 0 ? Errno.EINVAL : 0;
  }

  private long pagePhys(ScatterList list, int entry) {
    return list.phys(entry) - (list.offsetBytes(entry) & space.granuleMask());
  }

  /**
   * Unmaps a list from the start of its first segment to the end of its last.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_unmap_sg}.
   */
  void unmap(ScatterList list) {
    if (list.size() == 0 || (list.dmaLengthBytes(0) == 0 && !givesNoBytesAnAddress)) {
      return;
    }
    long start = list.dmaAddr(0);
    long end = start + Integer.toUnsignedLong(list.dmaLengthBytes(0));
    for (int i = 1; i < list.size() && list.dmaLengthBytes(i) != 0; i++) {
      end = list.dmaAddr(i) + Integer.toUnsignedLong(list.dmaLengthBytes(i));
    }
    mapper.unmap(start, end - start);
  }
}

package org.iommu4j.iommu.dma;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.ScatterList;

/**
 * Notes in a mapped list which segments the device has to follow, each as many entries as follow
 * each other without a gap and as the device's limits allow.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:__finalise_sg}.
 */
final class SegmentJoiner {
  private SegmentJoiner() {}

  /**
   * Fills in where the entries of a list went; the places after the last segment are void.
   *
   * @param list a list in which each entry's length for the device is that of its pages
   * @param address where the first entry's first page is mapped
   * @param granuleMask the low bits of an address that lie within a page
   * @return how many segments there are
   */
  static int join(ScatterList list, Device device, long address, long granuleMask) {
    long boundaryMask = device.segmentBoundaryMask();
    int maxBytes = device.maxSegmentSizeBytes();
    int segments = 0;
    long segmentAddr = 0;
    int segmentBytes = 0;
    long entryAddr = address;
    int entries = list.size();
    for (int i = 0; i < entries; i++) {
      int offset = (int) (list.offsetBytes(i) & granuleMask);
      int bytes = list.lengthBytes(i);
      long takenBytes = Integer.toUnsignedLong(list.dmaLengthBytes(i));
      list.setDma(i, DmaMapping.MAPPING_ERROR, 0);
      // The difference wraps, so that a segment which is too long by itself takes in what follows.
      if (segmentBytes != 0
          && offset == 0
          && (entryAddr & boundaryMask) != 0
          && Integer.compareUnsigned(maxBytes - segmentBytes, bytes) >= 0) {
        segmentBytes += bytes;
      } else {
        segments++;
        segmentAddr = entryAddr + offset;
        segmentBytes = bytes;
      }
      list.setDma(segments - 1, segmentAddr, segmentBytes);
      entryAddr += takenBytes;
      if (offset + (long) bytes < takenBytes) {
        segmentBytes = 0;
      }
    }
    return segments;
  }
}

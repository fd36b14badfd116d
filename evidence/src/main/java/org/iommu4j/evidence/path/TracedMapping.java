package org.iommu4j.evidence.path;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.trace.TracedCall;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;

/**
 * A buffer that was mapped, unmapped and flushed, with the kernel's calls that did it. Immutable.
 *
 * @param bufferPhys where the buffer is
 * @param request what was asked for
 * @param maskResult what setting the mask returned: 0, or -5 if the device cannot be served
 * @param dmaAddr where the device sees the buffer, or {@link DmaMapping#MAPPING_ERROR}
 * @param seenPhys the memory that the device sees there: the buffer, or a bounce slot
 * @param map the calls of the mapping
 * @param unmap the calls of the unmapping; none if the mapping failed
 * @param flush the calls that the timers made afterwards
 * @param reach what the device reached at its address
 * @param log what the kernel printed
 */
public record TracedMapping(
    long bufferPhys,
    Request request,
    int maskResult,
    long dmaAddr,
    long seenPhys,
    ImmutableList<TracedCall> map,
    ImmutableList<TracedCall> unmap,
    ImmutableList<TracedCall> flush,
    Reach reach,
    ImmutableList<String> log) {

  /**
   * What is mapped.
   *
   * @param offsetBytes where the buffer begins in its first page, or beyond
   * @param sizeBytes its size, at least 1
   * @param maskBits the width of the addresses that the device sends, 1 to 64
   */
  public record Request(int offsetBytes, int sizeBytes, DmaDirection direction, int maskBits) {}

  /** Whether the device reached memory at its address at three moments. */
  public record Reach(boolean mapped, boolean unmapped, boolean flushed) {}

  /** Returns whether the mapping failed. */
  public boolean failed() {
    return dmaAddr == DmaMapping.MAPPING_ERROR;
  }
}

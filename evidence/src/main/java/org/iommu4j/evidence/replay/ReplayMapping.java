package org.iommu4j.evidence.replay;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.NoncoherentMemory;
import org.iommu4j.dma.ScatterList;
import org.jspecify.annotations.Nullable;

/**
 * A mapping that a script has made. Immutable, but for the list.
 *
 * @param device whose it is
 * @param dmaAddr its address for the device, of a list that of its first entry
 * @param list the list, if it is one
 * @param buffer the memory, if it was allocated with the mapping
 */
record ReplayMapping(
    Kind kind,
    Device device,
    long dmaAddr,
    long sizeBytes,
    DmaDirection direction,
    int attributes,
    @Nullable ScatterList list,
    @Nullable CoherentBuffer buffer) {
  /** Which call made it. */
  enum Kind {
    SINGLE,
    RESOURCE,
    LIST,
    COHERENT,
    PAGES
  }

  static ReplayMapping single(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    return new ReplayMapping(
        Kind.SINGLE, device, dmaAddr, sizeBytes, direction, attributes, null, null);
  }

  static ReplayMapping resource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    return new ReplayMapping(Kind.RESOURCE, device, dmaAddr, sizeBytes, direction, 0, null, null);
  }

  static ReplayMapping ofList(Device device, ScatterList list, DmaDirection direction) {
    return new ReplayMapping(Kind.LIST, device, list.dmaAddr(0), 0, direction, 0, list, null);
  }

  static ReplayMapping coherent(Device device, CoherentBuffer buffer, long sizeBytes) {
    return new ReplayMapping(
        Kind.COHERENT,
        device,
        buffer.dmaAddr(),
        sizeBytes,
        DmaDirection.BIDIRECTIONAL,
        0,
        null,
        buffer);
  }

  static ReplayMapping ofPages(Device device, DmaPages pages, DmaDirection direction) {
    CoherentBuffer buffer = new CoherentBuffer(pages.phys(), pages.dmaAddr(), pages.sizeBytes());
    return new ReplayMapping(
        Kind.PAGES, device, pages.dmaAddr(), pages.sizeBytes(), direction, 0, null, buffer);
  }

  /** Makes the call that undoes the mapping. */
  void undo(DmaMapping dma, int withAttributes) {
    switch (kind) {
      case SINGLE -> dma.unmapPage(device, dmaAddr, sizeBytes, direction, withAttributes);
      case RESOURCE -> dma.unmapResource(device, dmaAddr, sizeBytes, direction, withAttributes);
      case LIST -> {
        if (list != null) {
          dma.unmapSg(device, list, direction, 0);
        }
      }
      case COHERENT -> {
        if (buffer != null) {
          dma.freeCoherent(device, buffer, 0);
        }
      }
      case PAGES -> {
        if (buffer != null) {
          DmaPages pages = new DmaPages(buffer.phys(), dmaAddr, sizeBytes, direction);
          new NoncoherentMemory(dma).freePages(device, pages);
        }
      }
    }
  }
}

package org.iommu4j.iommu.dma;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.iommu.spi.SystemServices;
import org.jspecify.annotations.Nullable;

/**
 * Coherent memory of as many pieces as it takes: blocks as large as the pages that the domain has,
 * while there are such, and single frames for the rest. Thread-safe.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:__iommu_dma_alloc_noncontiguous}.
 */
final class ManyPieces implements CoherentMemory {
  private final DeviceMapper mapper;
  private final DmaSpace space;
  private final SystemServices services;

  ManyPieces(DeviceMapper mapper, SystemServices services) {
    this.mapper = mapper;
    this.space = mapper.space();
    this.services = services;
  }

  @Override
  public @Nullable CoherentBuffer allocate(Device device, long sizeBytes, int attributes) {
    if (sizeBytes == 0) {
      throw new IllegalArgumentException(
          "no bytes of coherent memory: the kernel follows a pointer to no page");
    }
    long leastBytes = Math.max(Pages.PAGE_BYTES, space.granuleMask() + 1);
    long wholeBytes = (sizeBytes + leastBytes - 1) & -leastBytes;
    List<PhysRange> pieces = pieces(wholeBytes >>> Pages.PAGE_SHIFT, attributes);
    if (pieces.isEmpty()) {
      return null;
    }
    long address = mapper.alloc(device, wholeBytes, device.coherentDmaMask());
    if (address == DeviceAddresses.NONE) {
      freePieces(pieces);
      return null;
    }
    int protection = DeviceMapper.protection(DmaDirection.BIDIRECTIONAL, attributes);
    if (!map(pieces, address, wholeBytes, protection)) {
      mapper.giveBack(address, wholeBytes);
      freePieces(pieces);
      return null;
    }
    return new CoherentBuffer(pieces.get(0).startPhys(), address, sizeBytes, pieces);
  }

  /**
   * Takes zeroed frames; returns none if there are too few.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:__iommu_dma_alloc_pages}.
   */
  private List<PhysRange> pieces(long frames, int attributes) {
    List<PhysRange> pieces = new ArrayList<>();
    long orders = orders(attributes);
    long left = frames;
    while (left != 0) {
      orders &= (Long.highestOneBit(left) << 1) - 1;
      long phys = PageAllocator.NONE;
      while (orders != 0 && phys == PageAllocator.NONE) {
        phys = services.buffers().allocate(highest(orders), MemoryZone.NORMAL);
        // An order that is not to be had is not asked for again.
        orders = phys == PageAllocator.NONE ? orders & ~Long.highestOneBit(orders) : orders;
      }
      if (phys == PageAllocator.NONE) {
        freePieces(pieces);
        return List.of();
      }
      long bytes = (long) Pages.PAGE_BYTES << highest(orders);
      services.memory().fill(phys, bytes, (byte) 0);
      pieces.add(new PhysRange(phys, phys + bytes));
      left -= 1L << highest(orders);
    }
    return pieces;
  }

  /** Returns the orders of the blocks to ask for, a bit each. */
  private long orders(int attributes) {
    long sizes = space.domain().pageSizes();
    long least = Long.lowestOneBit(sizes);
    if (least < Pages.PAGE_BYTES) {
      least = Pages.PAGE_BYTES;
      sizes |= Pages.PAGE_BYTES;
    }
    if ((attributes & DmaAttributes.ALLOC_SINGLE_PAGES) != 0) {
      sizes = least;
    }
    return (sizes >>> Pages.PAGE_SHIFT) & ((2L << FrameAllocator.MAX_ORDER) - 1);
  }

  private static int highest(long orders) {
    return Long.SIZE - 1 - Long.numberOfLeadingZeros(orders);
  }

  private boolean map(List<PhysRange> pieces, long address, long wholeBytes, int protection) {
    long doneBytes = 0;
    for (int i = 0; i < pieces.size(); ) {
      long startPhys = pieces.get(i).startPhys();
      long endPhys = pieces.get(i++).endPhys();
      while (i < pieces.size() && pieces.get(i).startPhys() == endPhys) {
        endPhys = pieces.get(i++).endPhys();
      }
      long runBytes = endPhys - startPhys;
      if (space.mapRun(address + doneBytes, startPhys, runBytes, protection) != 0) {
        space.unmapRuns(address, doneBytes);
        return false;
      }
      doneBytes += runBytes;
    }
    space.syncRuns(address, wholeBytes);
    return true;
  }

  private void freePieces(List<PhysRange> pieces) {
    for (PhysRange piece : pieces) {
      services.buffers().free(piece.startPhys());
    }
  }

  @Override
  public void free(CoherentBuffer buffer) {
    mapper.unmap(buffer.dmaAddr(), buffer.sizeBytes());
    freePieces(buffer.pieces());
  }
}

package org.iommu4j.bench;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.ScatterList;

/** The work of the rows B4 to B7: mappings for a device. */
final class DmaRows {
  /** Where the buffers are. Nobody reads or writes them. */
  static final long BUFFERS_PHYS = 0x2_0000_0000L;

  private static final long LARGE_BYTES = 2L << 20;
  private static final int LIST_PAGES = 16;
  private static final DmaDirection RX = DmaDirection.FROM_DEVICE;

  private DmaRows() {}

  /** Returns the work of a row on a machine of its own. */
  static Work of(String row) {
    Rig rig = rigFor(row);
    DmaMapping dma = rig.dma();
    Device device = rig.first();
    if (row.startsWith("B11")) {
      return coherent(dma, device, row.endsWith("4K") ? (row.contains("64") ? 16 : 1) : 512);
    }
    return switch (row.substring(0, 2)) {
      case "B4" -> pair(dma, device, PAGE_BYTES, 0);
      case "B5" -> pair(dma, device, row.contains("-64K-") ? 16 * PAGE_BYTES : LARGE_BYTES, 0);
      case "B6" -> list(dma, device);
      case "B7" -> ring(dma, device, row.contains("-512-") ? 512 : 8192, 0);
      default -> throw new IllegalArgumentException("no row " + row);
    };
  }

  /** Boots the machine that a row runs on: its name says how. */
  static Rig rigFor(String row) {
    boolean strict = row.contains("-strict") || row.endsWith("-s");
    String options = (strict ? ",strict" : "") + (row.contains("-4k-") ? ",sp_off" : "");
    if (row.substring(0, row.indexOf('-')).endsWith("g")) {
      boolean lazy = row.contains("-lazy") || row.endsWith("-l");
      boolean large = row.contains("-sp-") || row.startsWith("B11");
      return Rig.bootDmaIommu(lazy, large);
    }
    return Rig.boot(options, !row.endsWith("-queue"));
  }

  /** One buffer. */
  static Work pair(DmaMapping dma, Device device, long sizeBytes, int thread) {
    long phys = BUFFERS_PHYS + thread * LARGE_BYTES;
    return () -> {
      long dmaAddr = checked(dma.mapPage(device, phys, 0, sizeBytes, RX, 0));
      dma.unmapPage(device, dmaAddr, sizeBytes, RX, 0);
      return dmaAddr;
    };
  }

  /** Maps one page. */
  static long map(DmaMapping dma, Device device, long phys) {
    return checked(dma.mapPage(device, phys, 0, PAGE_BYTES, RX, 0));
  }

  /** Unmaps one page. */
  static void unmap(DmaMapping dma, Device device, long dmaAddr) {
    dma.unmapPage(device, dmaAddr, PAGE_BYTES, RX, 0);
  }

  private static Work coherent(DmaMapping dma, Device device, int pages) {
    return () -> {
      CoherentBuffer buffer = dma.allocCoherent(device, (long) pages * PAGE_BYTES, 0);
      if (buffer == null) {
        throw new AssertionError("no memory");
      }
      dma.freeCoherent(device, buffer, 0);
      return buffer.dmaAddr();
    };
  }

  private static long checked(long dmaAddr) {
    if (dmaAddr == DmaMapping.MAPPING_ERROR) {
      throw new AssertionError("not mapped");
    }
    return dmaAddr;
  }

  private static Work list(DmaMapping dma, Device device) {
    ScatterList list = new ScatterList(LIST_PAGES);
    for (int i = 0; i < LIST_PAGES; i++) {
      // Every other page, so that no two pieces lie side by side.
      list.add(BUFFERS_PHYS + 2L * PAGE_BYTES * i, 0, PAGE_BYTES);
    }
    return () -> {
      int mapped = dma.mapSg(device, list, RX, 0);
      dma.unmapSg(device, list, RX, 0);
      return mapped;
    };
  }

  /** A ring of pages. */
  static Work ring(DmaMapping dma, Device device, int size, int thread) {
    long[] ring = new long[size];
    long phys = BUFFERS_PHYS + (long) PAGE_BYTES * size * thread;
    for (int i = 0; i < size; i++) {
      ring[i] = map(dma, device, phys + (long) PAGE_BYTES * i);
    }
    return new Work() {
      private int oldest;

      @Override
      public long once() {
        int at = oldest;
        oldest = (at + 1) & (size - 1);
        unmap(dma, device, ring[at]);
        ring[at] = map(dma, device, phys + (long) PAGE_BYTES * at);
        return ring[at];
      }
    };
  }
}

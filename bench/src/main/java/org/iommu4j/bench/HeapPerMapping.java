package org.iommu4j.bench;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.ref.Reference;

/** Prints how much heap a live mapping of 4 KiB takes, page tables included. */
public final class HeapPerMapping {
  private static final int[] COUNTS = {10_000, 100_000};

  private static final int COLLECTIONS = 8;

  private HeapPerMapping() {}

  /** Measures with 10,000 and with 100,000 mappings. */
  public static void main(String[] args) {
    measure(10_000); // what is loaded and made once
    for (int count : COUNTS) {
      System.out.printf("%7d x 4 KiB: %.1f bytes each%n", count, measure(count));
    }
  }

  private static double measure(int count) {
    Rig rig = Rig.boot("", false);
    long[] dmaAddrs = new long[count];
    DmaRows.unmap(rig.dma(), rig.first(), DmaRows.map(rig.dma(), rig.first(), 0));
    try {
      long before = usedBytes();
      for (int i = 0; i < count; i++) {
        dmaAddrs[i] =
            DmaRows.map(rig.dma(), rig.first(), DmaRows.BUFFERS_PHYS + (long) PAGE_BYTES * i);
      }
      return (double) (usedBytes() - before) / count;
    } finally {
      Reference.reachabilityFence(dmaAddrs);
      Reference.reachabilityFence(rig);
    }
  }

  // Some of what a boot leaves behind goes only after its cleaners have run.
  private static long usedBytes() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      memory.gc();
      least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}

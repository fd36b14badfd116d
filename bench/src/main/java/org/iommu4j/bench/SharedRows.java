package org.iommu4j.bench;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import org.iommu4j.iova.IovaDomain;

/** What the threads of a B9 row have in common. */
interface SharedRows {
  /** Moves the calling thread to the CPU of this number; returns its work there. */
  Work forThread(int thread);

  /** Makes it. */
  static SharedRows of(String row) {
    return switch (row) {
      case "B9-B1" -> {
        IovaDomain space = Ranges.space();
        yield thread -> IovaRows.pair(space, thread, Ranges.LIMIT_32);
      }
      case "B9-B3a" -> {
        IovaDomain space = IovaRows.agedSpace(Ranges.LIMIT_32, "1k");
        yield thread -> IovaRows.bigPair(space, thread, Ranges.LIMIT_32);
      }
      case "B9-B4s", "B9-B4l" -> pairs(Rig.boot(options(row), true));
      case "B9-B4sp" -> pairs(withSeparateLines(Rig.boot(options(row), true)));
      case "B9-B4sx", "B9-B4lx" -> pairsInTwoDomains(Rig.boot(options(row), true));
      case "B9-B7s", "B9-B7l" -> rings(Rig.boot(options(row), true));
      case "B9-B8-256", "B9-B8-4096", "B9-B8-65536" -> {
        Rig rig = Rig.bootBouncing();
        int sizeBytes = Integer.parseInt(row.substring("B9-B8-".length()));
        yield onItsCpu(rig, thread -> BounceRows.forThread(rig, false, sizeBytes, thread));
      }
      case "B9-copy1-4096", "B9-copy3-4096", "B9-copy1-65536" -> CopyRows.of(row);
      default -> throw new IllegalArgumentException("no row " + row);
    };
  }

  private static String options(String row) {
    return row.contains("s") ? ",strict" : "";
  }

  private static SharedRows onItsCpu(Rig rig, SharedRows rows) {
    return thread -> {
      rig.cpus().bind(thread);
      return rows.forThread(thread);
    };
  }

  private static SharedRows pairs(Rig rig) {
    return onItsCpu(rig, thread -> DmaRows.pair(rig.dma(), rig.first(), PAGE_BYTES, thread));
  }

  private static SharedRows pairsInTwoDomains(Rig rig) {
    return onItsCpu(
        rig,
        thread ->
            DmaRows.pair(rig.dma(), thread == 0 ? rig.first() : rig.second(), PAGE_BYTES, thread));
  }

  private static SharedRows rings(Rig rig) {
    return onItsCpu(rig, thread -> DmaRows.ring(rig.dma(), rig.first(), 512, thread));
  }

  /** Leaves each CPU with one address, the two 64 leaf entries apart, what is between in use. */
  private static Rig withSeparateLines(Rig rig) {
    long[] dmaAddrs = new long[65];
    for (int i = 0; i < dmaAddrs.length; i++) {
      dmaAddrs[i] =
          DmaRows.map(rig.dma(), rig.first(), DmaRows.BUFFERS_PHYS + (long) PAGE_BYTES * i);
    }
    int cpu = rig.cpus().current();
    rig.cpus().bind(0);
    DmaRows.unmap(rig.dma(), rig.first(), dmaAddrs[0]);
    rig.cpus().bind(1);
    DmaRows.unmap(rig.dma(), rig.first(), dmaAddrs[64]);
    rig.cpus().bind(cpu);
    return rig;
  }
}

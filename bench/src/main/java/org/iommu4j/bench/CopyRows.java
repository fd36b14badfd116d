package org.iommu4j.bench;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The work of the rows B9-copy: the copies of a bouncing buffer, and nothing else.
 *
 * <p>Threads take turns at the parts of 64 MiB and copy a buffer of their own there twice, as B8tx
 * does, but with no mapping, no pool and no simulated memory: what the machine can do at best.
 */
final class CopyRows implements SharedRows {
  private static final int AREA_WORDS = (64 << 20) / Long.BYTES;

  private final long[] area = new long[AREA_WORDS];
  private final AtomicLong turns = new AtomicLong();
  private final int step;
  private final int words;

  private CopyRows(int step, int sizeBytes) {
    this.step = step;
    words = sizeBytes / Long.BYTES;
    // A page that was never written is not there yet.
    Arrays.fill(area, 7);
  }

  /** Returns the row of a name: the copies go to each part in turn, or each STEP-th. */
  static CopyRows of(String row) {
    String[] parts = row.substring("B9-copy".length()).split("-", -1);
    return new CopyRows(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
  }

  @Override
  public Work forThread(int thread) {
    long[] buffer = new long[words];
    Arrays.fill(buffer, thread);
    int parts = AREA_WORDS / words;
    return () -> {
      int to = (int) (turns.getAndIncrement() * step % parts) * words;
      System.arraycopy(buffer, 0, area, to, words);
      System.arraycopy(buffer, 0, area, to, words);
      return area[to];
    };
  }
}

package org.iommu4j.bench;

import java.util.function.LongUnaryOperator;

/**
 * Ranges in use, of which a random one after the other is replaced. Not thread-safe.
 *
 * <p>Everything is decided by one fixed seed.
 */
final class LiveSet {
  /** 1 to 32 pages, all alike, rounded up to a power of two as the driver does. */
  static final LongUnaryOperator UP_TO_32 = random -> roundUp(1 + (random & 31));

  /** 1 to 8 pages, rounded up. */
  static final LongUnaryOperator UP_TO_8 = random -> roundUp(1 + (random & 7));

  /** One page. */
  static final LongUnaryOperator ONE = random -> 1;

  /** 64, 128 or 256 pages: more than the caches take. */
  static final LongUnaryOperator LARGE = random -> 64L << (random % 3);

  /** 64 pages. */
  static final LongUnaryOperator SIXTY_FOUR = random -> 64;

  private static final int AGEING_ROUNDS = 4;

  private final Ranges ranges;
  private final LongUnaryOperator size;
  private final long[] pfns;
  private final long[] pages;
  private long random = 0x9e37_79b9_7f4a_7c15L;

  /** Takes ranges, one after the other. */
  LiveSet(Ranges ranges, int count, LongUnaryOperator size) {
    this.ranges = ranges;
    this.size = size;
    this.pfns = new long[count];
    this.pages = new long[count];
    for (int i = 0; i < count; i++) {
      take(i);
    }
  }

  private static long roundUp(long pages) {
    return pages == 1 ? 1 : Long.highestOneBit(pages - 1) << 1;
  }

  private void take(int index) {
    long wanted = size.applyAsLong(nextRandom() >>> 33);
    long pfn = ranges.take(wanted);
    if (pfn <= 0) {
      throw new AssertionError("no room for " + wanted + " pages");
    }
    pfns[index] = pfn;
    pages[index] = wanted;
  }

  private long nextRandom() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return random;
  }

  private int randomIndex() {
    return (int) (((nextRandom() >>> 33) * pfns.length) >>> 31);
  }

  /** Replaces every range some times over, in random order. */
  LiveSet aged() {
    for (int i = 0; i < AGEING_ROUNDS * pfns.length; i++) {
      replaceOne();
    }
    return this;
  }

  /** Gives a random range back and takes another; returns its first page frame. */
  long replaceOne() {
    int index = randomIndex();
    giveAt(index);
    take(index);
    return pfns[index];
  }

  /** Gives a random range back, lets something be done, and takes another. */
  long withHole(Work work) {
    int index = randomIndex();
    giveAt(index);
    long result = work.once();
    take(index);
    return result;
  }

  private void giveAt(int index) {
    ranges.give(pfns[index], pages[index]);
  }
}

package org.iommu4j.swiotlb;

/** Slots as one flag each, and searches that look at every byte's address. */
final class NaiveSlots {
  private final long startPhys;
  private final boolean testsEachSlot;
  private final boolean[] used;
  private int next;

  /** Makes free slots, which are searched from the last run on, rounded up to a stride. */
  NaiveSlots(long startPhys, int slots) {
    this(startPhys, slots, false);
  }

  /** Makes free slots; the search rounds nothing if it tests each slot for its alignment. */
  NaiveSlots(long startPhys, int slots, boolean testsEachSlot) {
    this.startPhys = startPhys;
    this.testsEachSlot = testsEachSlot;
    this.used = new boolean[slots];
  }

  int usedCount() {
    int count = 0;
    for (boolean one : used) {
      count += one ? 1 : 0;
    }
    return count;
  }

  int allocate(long phys, long bytes, long allocAlignMask, long minAlignMask, long boundaryMask) {
    int slots = Math.toIntExact((bytes + 2047) / 2048);
    int found =
        testsEachSlot
            ? findAligned(phys, bytes, slots, allocAlignMask, minAlignMask, boundaryMask)
            : findByStride(phys, bytes, slots, allocAlignMask, minAlignMask, boundaryMask);
    if (found >= 0) {
      mark(found, slots, true);
      next = found + slots == used.length ? 0 : found + slots;
    }
    return found;
  }

  private int findByStride(
      long phys, long bytes, int slots, long alloc, long min, long boundaryMask) {
    long own = alloc | 2047;
    long kept = min & ~own;
    int stride = (int) ((kept / 2048 + 1) * (bytes < 4096 ? 1 : 2));
    stride = (int) Math.max(stride, own / 2048 + 1);
    // The kernel rounds up by a mask, also where the stride is no power of two.
    int first = next + stride - 1 & ~(stride - 1);
    boolean[] seen = new boolean[used.length];
    for (int at = first < used.length ? first : 0; !seen[at]; ) {
      seen[at] = true;
      boolean agrees = (addr(at) & kept) == (phys & kept);
      if (agrees && isFree(at, slots) && !crosses(at, slots, boundaryMask)) {
        return at;
      }
      at += agrees ? stride : 1;
      at = at < used.length ? at : 0;
    }
    return -1;
  }

  private int findAligned(
      long phys, long bytes, int slots, long alloc, long min, long boundaryMask) {
    long own = (alloc == 0 && min == 0 && bytes >= 4096 ? 4095 : alloc) | 2047;
    long kept = min & ~own;
    int stride = (int) (Math.max(own, kept) / 2048 + 1);
    int at = next;
    for (int left = used.length; left > 0; ) {
      boolean agrees = (addr(at) & own) == 0 && (addr(at) & kept) == (phys & kept);
      if (agrees && isFree(at, slots) && !crosses(at, slots, boundaryMask)) {
        return at;
      }
      at += agrees ? stride : 1;
      left -= agrees ? stride : 1;
      at = at < used.length ? at : 0;
    }
    return -1;
  }

  void release(int at, int slots) {
    mark(at, slots, false);
  }

  private long addr(int slot) {
    return startPhys + slot * 2048L;
  }

  private boolean isFree(int at, int slots) {
    if (at / 128 != (at + slots - 1) / 128) {
      return false;
    }
    for (int i = at; i < at + slots; i++) {
      if (used[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean crosses(int at, int slots, long boundaryMask) {
    long above = ~boundaryMask;
    return (addr(at) & above) != ((addr(at + slots) - 1) & above);
  }

  private void mark(int at, int slots, boolean value) {
    for (int i = at; i < at + slots; i++) {
      if (used[i] == value) {
        throw new AssertionError("slot " + i + " was marked so before");
      }
      used[i] = value;
    }
  }
}

package org.iommu4j.swiotlb;

/** Slots as one flag each, and a search that looks at every byte's address. */
final class NaiveSlots {
  private final long startPhys;
  private final boolean[] used;
  private int next;

  NaiveSlots(long startPhys, int slots) {
    this.startPhys = startPhys;
    this.used = new boolean[slots];
  }

  int usedCount() {
    int count = 0;
    for (boolean one : used) {
      count += one ? 1 : 0;
    }
    return count;
  }

  int allocate(long phys, long bytes, long minAlignMask, long boundaryMask) {
    int slots = Math.toIntExact((bytes + 2047) / 2048);
    long kept = minAlignMask / 2048 * 2048;
    int stride = (int) ((kept / 2048 + 1) * (bytes < 4096 ? 1 : 2));
    int first = (next + stride - 1) / stride * stride;
    boolean[] seen = new boolean[used.length];
    for (int at = first < used.length ? first : 0; !seen[at]; ) {
      seen[at] = true;
      boolean agrees = (addr(at) & kept) == (phys & kept);
      if (agrees && isFree(at, slots) && !crosses(at, slots, boundaryMask)) {
        mark(at, slots, true);
        next = at + slots == used.length ? 0 : at + slots;
        return at;
      }
      at += agrees ? stride : 1;
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

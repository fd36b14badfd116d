package org.iommu4j.testkit.invariants;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.iommu4j.testkit.IovaAllocator;

/** An allocator with what was had of it. Not thread-safe. */
final class IovaModel {
  static final long LAST_PFN = 4095;
  private static final Range<Long> RESERVED = Range.closedOpen(300L, 332L);

  private final IovaAllocator allocator;
  private final List<Held> live = new ArrayList<>();
  private final RangeSet<Long> held = TreeRangeSet.create();

  private record Held(long pfn, long pages) {
    Range<Long> range() {
      return Range.closedOpen(pfn, pfn + pages);
    }
  }

  IovaModel(IovaAllocator allocator) {
    this.allocator = allocator;
    allocator.reserve(RESERVED.lowerEndpoint(), RESERVED.upperEndpoint() - 1);
  }

  boolean alloc(int cpu, long pages, long limitPfn) {
    long pfn = allocator.alloc(cpu, pages, limitPfn);
    if (pfn == IovaAllocator.NO_PFN) {
      return false;
    }
    Held got = new Held(pfn, pages);
    require(pfn > 0 && pfn + pages - 1 <= limitPfn, got, "is beyond its limit");
    require(pfn % pages == 0, got, "is not aligned to its size");
    require(!overlaps(got.range(), RESERVED), got, "is reserved");
    require(!held.intersects(got.range()), got, "is in use");
    held.add(got.range());
    live.add(got);
    allocator.checkInvariants();
    return true;
  }

  private static boolean overlaps(Range<Long> a, Range<Long> b) {
    return a.isConnected(b) && !a.intersection(b).isEmpty();
  }

  private static void require(boolean holds, Held got, String otherwise) {
    if (!holds) {
      throw new AssertionError("pfns " + got.range() + ": what was handed out " + otherwise);
    }
  }

  void free(int cpu, int choice) {
    if (!live.isEmpty()) {
      Held range = live.remove(choice % live.size());
      held.remove(range.range());
      allocator.free(cpu, range.pfn(), range.pages());
      allocator.checkInvariants();
    }
  }

  /** What was live at once fits again, if the large ones are placed first. */
  void freeAllAndAllocateAgain() {
    List<Held> before = new ArrayList<>(live);
    for (int i = 0; !live.isEmpty(); i++) {
      free(i % IovaInvariants.CPUS, i);
    }
    before.sort(Comparator.comparingLong(Held::pages).reversed());
    for (Held range : before) {
      if (!alloc(0, range.pages(), LAST_PFN)) {
        throw new AssertionError(range.pages() + " pages that were freed did not come back");
      }
    }
  }
}

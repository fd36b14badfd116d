package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Where tables of the lowest level were found last, so that most walks need not begin at the root.
 *
 * <p>A table is one word in an array, at the place that its pages' number gives; whoever finds a
 * table puts it there, whoever unlinks one takes it out. That needs no lock: a table is unlinked
 * only by the owner of all its pages, so nobody else looks it up or puts it back meanwhile, and
 * ownership changes hands under the locks of the address allocator. Thread-safe in that sense;
 * allocates nothing.
 */
final class RecentTables {
  /** No table is known. */
  static final long NONE = 0;

  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PLACES = 64;
  private static final int TAG_SHIFT = TableLevels.STRIDE + Integer.numberOfTrailingZeros(PLACES);

  /** The width of a table's frame number; the rest of a word says whose table it is. */
  private static final int FRAME_BITS = 40;

  private static final long FRAME_MASK = (1L << FRAME_BITS) - 1;
  private static final int TAG_BITS = Long.SIZE - FRAME_BITS;

  // Opaque accesses, because a long must be read and written in one piece.
  private final long[] words = new long[PLACES];

  /** Returns the physical address of the table that translates a page, or {@link #NONE}. */
  long find(long pfn) {
    long word = (long) WORDS.getOpaque(words, place(pfn));
    return word >>> FRAME_BITS == pfn >>> TAG_SHIFT ? (word & FRAME_MASK) << PAGE_SHIFT : NONE;
  }

  /** Notes the table that translates a page; pages too high for a word are not noted. */
  void note(long pfn, long tablePhys) {
    long tag = pfn >>> TAG_SHIFT;
    if (tag >>> TAG_BITS == 0) {
      WORDS.setOpaque(words, place(pfn), tag << FRAME_BITS | tablePhys >>> PAGE_SHIFT);
    }
  }

  /** Forgets the table that translates a page. */
  void forget(long pfn) {
    if (find(pfn) != NONE) {
      WORDS.setOpaque(words, place(pfn), 0L);
    }
  }

  /** Forgets all tables. */
  void forgetAll() {
    Arrays.fill(words, 0);
  }

  private static int place(long pfn) {
    return (int) (pfn >>> TableLevels.STRIDE) & (PLACES - 1);
  }
}

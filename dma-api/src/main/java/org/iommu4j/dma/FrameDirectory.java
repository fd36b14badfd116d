package org.iommu4j.dma;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a 52-bit physical address space that have been written, found by frame number.
 *
 * <p>A directory of arrays and no hash table: the first TiB is two array loads away, anything above
 * it three. A leaf covers 64 MiB. Frames are arrays of 512 little-endian 64-bit words, because only
 * {@code long[]} promises atomic 64-bit access on every release of Java.
 *
 * <p>Thread-safe without locks: whoever loses the race to create a frame uses the winner's.
 */
final class FrameDirectory {
  static final int FRAME_WORDS = 512;
  private static final int LEAF_BITS = 14;
  private static final int MIDDLE_BITS = 14;
  private static final int TOP_BITS = 12;
  private static final int LEAF_MASK = (1 << LEAF_BITS) - 1;
  private static final int MIDDLE_MASK = (1 << MIDDLE_BITS) - 1;
  private static final VarHandle FRAMES = MethodHandles.arrayElementVarHandle(long[][].class);
  private static final VarHandle LEAVES = MethodHandles.arrayElementVarHandle(long[][][].class);
  private static final VarHandle MIDDLES = MethodHandles.arrayElementVarHandle(long[][][][].class);

  private final long[] @Nullable [] @Nullable [] first =
      new long[1 << MIDDLE_BITS] @Nullable [] @Nullable [];
  private final long[] @Nullable [] @Nullable [] @Nullable [] rest =
      new long[1 << TOP_BITS] @Nullable [] @Nullable [] @Nullable [];

  /** Returns the words of the frame, or null if nothing was written to it yet. */
  long @Nullable [] find(long pfn) {
    long[] @Nullable [] @Nullable [] middle =
        pfn >>> (LEAF_BITS + MIDDLE_BITS) == 0 ? first : middleOf(pfn);
    if (middle == null) {
      return null;
    }
    long[] @Nullable [] leaf = middle[(int) (pfn >>> LEAF_BITS) & MIDDLE_MASK];
    return leaf == null ? null : leaf[(int) pfn & LEAF_MASK];
  }

  /** Returns the words of the frame, which this creates, zeroed, where it is absent. */
  long[] findOrCreate(long pfn) {
    long[] @Nullable [] @Nullable [] middle =
        pfn >>> (LEAF_BITS + MIDDLE_BITS) == 0 ? first : middleOrCreate(pfn);
    int leafIndex = (int) (pfn >>> LEAF_BITS) & MIDDLE_MASK;
    long[] @Nullable [] leaf = middle[leafIndex];
    if (leaf == null) {
      long[] @Nullable [] made = new long[1 << LEAF_BITS] @Nullable [];
      Object seen = LEAVES.compareAndExchange(middle, leafIndex, (long[][]) null, made);
      leaf = seen == null ? made : (long[][]) seen;
    }
    long[] frame = leaf[(int) pfn & LEAF_MASK];
    if (frame == null) {
      long[] made = new long[FRAME_WORDS];
      Object seen = FRAMES.compareAndExchange(leaf, (int) pfn & LEAF_MASK, (long[]) null, made);
      frame = seen == null ? made : (long[]) seen;
    }
    return frame;
  }

  private long @Nullable [] @Nullable [] @Nullable [] middleOf(long pfn) {
    if (pfn >>> (LEAF_BITS + MIDDLE_BITS + TOP_BITS) != 0) {
      return null;
    }
    return rest[(int) (pfn >>> (LEAF_BITS + MIDDLE_BITS))];
  }

  @SuppressWarnings("NullAway") // a cast drops the annotations of an array's components
  private long[] @Nullable [] @Nullable [] middleOrCreate(long pfn) {
    int index = (int) (pfn >>> (LEAF_BITS + MIDDLE_BITS));
    long @Nullable [] @Nullable [] @Nullable [] middle = rest[index];
    if (middle != null) {
      return middle;
    }
    long[] @Nullable [] @Nullable [] made = new long[1 << MIDDLE_BITS] @Nullable [] @Nullable [];
    Object seen = MIDDLES.compareAndExchange(rest, index, (long[][][]) null, made);
    return seen == null ? made : (long[][][]) seen;
  }
}

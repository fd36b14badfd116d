package org.iommu4j.iova;

import java.util.Arrays;

/**
 * Storage for ranges in blocks, and for the links of a tree of these blocks: two primitive arrays
 * and no object a range.
 *
 * <p>A block is an index; it holds up to {@link #SLOTS} ranges in order, each at a <em>slot</em>
 * that is an index too. The ranges lie together, anywhere in the block: what comes or goes moves
 * the fewer of those on its two sides. {@link #NIL} is a block with empty summaries, so that a
 * missing child needs no branch, and {@link #NO_SLOT} is a slot of it; nobody writes to either.
 * Freed blocks are chained and reused before the arrays grow. Not thread-safe.
 */
final class RangeBlocks {
  private static final int SLOTS_SHIFT = 5;

  /** No block. */
  static final int NIL = 0;

  /** No range; also the predecessor of the lowest. Its upper bound is the pfn before 0. */
  static final int NO_SLOT = 0;

  /** The ranges that fit into a block. */
  static final int SLOTS = 1 << SLOTS_SHIFT;

  private static final int LEFT = 0;
  private static final int RIGHT = 1;
  private static final int PARENT = 2;
  private static final int PREVIOUS = 3;
  private static final int HEIGHT = 4;
  private static final int FIRST_SLOT = 5;
  private static final int END_SLOT = 6;
  private static final int OWN_GAP = 7;
  private static final int OWN_ALIGNED = 8;
  private static final int MAX_GAP = 9;
  private static final int MAX_ALIGNED = 10;
  private static final int FIELDS = 11;
  private static final int FIRST_CAPACITY = 4;

  /** Both bounds of a slot side by side, since a gap lies between one's lower and one's upper. */
  private long[] bounds = new long[FIRST_CAPACITY * SLOTS * 2];

  private int[] fields = new int[FIRST_CAPACITY * FIELDS];
  private int used = 1;
  private int firstFree = NIL;

  RangeBlocks() {
    bounds[NO_SLOT * 2 + 1] = -1L;
  }

  /** Returns an empty block. */
  int take() {
    int block = firstFree;
    if (block != NIL) {
      firstFree = left(block);
    } else {
      if (used * FIELDS == fields.length) {
        grow();
      }
      block = used++;
    }
    Arrays.fill(fields, block * FIELDS, (block + 1) * FIELDS, 0);
    // From the upper end on, since most ranges come in below all others.
    setSlots(block, limit(block), limit(block));
    return block;
  }

  /** Gives a block back; it must not be linked from anywhere. */
  void give(int block) {
    setSlots(block, NO_SLOT, NO_SLOT);
    setLeft(block, firstFree);
    firstFree = block;
  }

  private void grow() {
    // By an eighth: doubling would leave half of the memory idle, which is what a range costs.
    int capacity = Math.addExact(used, Math.max(used >> 3, FIRST_CAPACITY));
    bounds = Arrays.copyOf(bounds, Math.multiplyExact(capacity, SLOTS * 2));
    fields = Arrays.copyOf(fields, capacity * FIELDS);
  }

  /** Returns the bytes that the arrays take. */
  long heapBytes() {
    return (long) Long.BYTES * bounds.length + (long) Integer.BYTES * fields.length;
  }

  static int blockOf(int slot) {
    return slot >>> SLOTS_SHIFT;
  }

  /** Returns the slot after the last that the block can have. */
  private static int limit(int block) {
    return (block + 1) << SLOTS_SHIFT;
  }

  /** Returns the slot of the block's first range. */
  int firstSlot(int block) {
    return fields[block * FIELDS + FIRST_SLOT];
  }

  /** Returns the slot after the block's last range. */
  int endSlot(int block) {
    return fields[block * FIELDS + END_SLOT];
  }

  /** Returns the number of ranges in the block. */
  int count(int block) {
    return endSlot(block) - firstSlot(block);
  }

  long loPfn(int slot) {
    return bounds[slot * 2];
  }

  long hiPfn(int slot) {
    return bounds[slot * 2 + 1];
  }

  void setLoPfn(int slot, long loPfn) {
    bounds[slot * 2] = loPfn;
  }

  /**
   * Puts a range into a block that is not full, before that of a slot or at the end; returns its
   * slot.
   */
  int insert(int block, int slot, long loPfn, long hiPfn) {
    int first = firstSlot(block);
    int end = endSlot(block);
    boolean down =
        end == limit(block) || (first > limit(block) - SLOTS && slot - first <= end - slot);
    int at = down ? slot - 1 : slot;
    if (down) {
      move(first, first - 1, slot - first);
      setSlots(block, first - 1, end);
    } else {
      move(slot, slot + 1, end - slot);
      setSlots(block, first, end + 1);
    }
    bounds[at * 2] = loPfn;
    bounds[at * 2 + 1] = hiPfn;
    return at;
  }

  /** Removes the range of a slot; returns the slot of the next one, or the block's end. */
  int remove(int slot) {
    int block = blockOf(slot);
    int first = firstSlot(block);
    int end = endSlot(block);
    if (slot - first < end - slot) {
      move(first, first + 1, slot - first);
      setSlots(block, first + 1, end);
      return slot + 1;
    }
    move(slot + 1, slot, end - slot - 1);
    setSlots(block, first, end - 1);
    return slot;
  }

  /** Moves the lowest ranges of a block to the end of the block before it. */
  void moveDown(int from, int to, int count) {
    int first = firstSlot(to);
    int end = endSlot(to);
    int room = limit(to) - end;
    if (room < count) {
      move(first, first - (count - room), end - first);
      first -= count - room;
      end -= count - room;
    }
    move(firstSlot(from), end, count);
    setSlots(to, first, end + count);
    setSlots(from, firstSlot(from) + count, endSlot(from));
  }

  private void move(int from, int to, int count) {
    System.arraycopy(bounds, from * 2, bounds, to * 2, count * 2);
  }

  private void setSlots(int block, int first, int end) {
    fields[block * FIELDS + FIRST_SLOT] = first;
    fields[block * FIELDS + END_SLOT] = end;
  }

  int left(int block) {
    return fields[block * FIELDS + LEFT];
  }

  int right(int block) {
    return fields[block * FIELDS + RIGHT];
  }

  int parent(int block) {
    return fields[block * FIELDS + PARENT];
  }

  /** Returns the next lower block of the whole tree. */
  int previous(int block) {
    return fields[block * FIELDS + PREVIOUS];
  }

  int height(int block) {
    return fields[block * FIELDS + HEIGHT];
  }

  /** Returns at least the room below each of the block's ranges, aligned or not. */
  int own(int block, boolean aligned) {
    return fields[block * FIELDS + (aligned ? OWN_ALIGNED : OWN_GAP)];
  }

  /** Returns the largest such number of the block and of those under it in the tree. */
  int widest(int block, boolean aligned) {
    return fields[block * FIELDS + (aligned ? MAX_ALIGNED : MAX_GAP)];
  }

  void setLeft(int block, int left) {
    fields[block * FIELDS + LEFT] = left;
  }

  void setRight(int block, int right) {
    fields[block * FIELDS + RIGHT] = right;
  }

  /** Sets the parent; of no block there is none to set. */
  void setParent(int block, int parent) {
    if (block != NIL) {
      fields[block * FIELDS + PARENT] = parent;
    }
  }

  void setPrevious(int block, int previous) {
    fields[block * FIELDS + PREVIOUS] = previous;
  }

  void setOwn(int block, int gap, int aligned) {
    fields[block * FIELDS + OWN_GAP] = gap;
    fields[block * FIELDS + OWN_ALIGNED] = aligned;
  }

  void setSummary(int block, int height, int maxGap, int maxAligned) {
    int at = block * FIELDS;
    fields[at + HEIGHT] = height;
    fields[at + MAX_GAP] = maxGap;
    fields[at + MAX_ALIGNED] = maxAligned;
  }
}

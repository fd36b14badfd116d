package org.iommu4j.swiotlb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which slots of a pool are free: a bit for each, where the kernel has the length of the free run
 * that begins there. The answers are the same, but taking and giving back slots renumbers nothing.
 *
 * <p>Thread-safe: words change atomically. Those who take must agree on who takes what; giving back
 * needs no agreement.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:io_tlb_list}.
 */
final class FreeSlots {
  private static final int BIT_MASK = Long.SIZE - 1;
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private final int segmentSlots;
  private final long[] words;

  /**
   * Makes {@code total} free slots.
   *
   * @param segmentSlots how many make a segment, which no run leaves: at most two words of bits
   */
  FreeSlots(int total, int segmentSlots) {
    this.segmentSlots = segmentSlots;
    words = new long[(total + BIT_MASK) / Long.SIZE];
    for (int i = 0; i < total; i++) {
      words[i / Long.SIZE] |= 1L << i;
    }
  }

  boolean isFree(int index) {
    return (word(index / Long.SIZE) & 1L << index) != 0;
  }

  /** Returns whether a run of slots lies in one segment and all of them are free. */
  boolean areFree(int index, int slots) {
    if (!isInSegment(index, slots)) {
      return false;
    }
    long first = firstWordBits(index, slots);
    long second = secondWordBits(index, slots);
    int word = index / Long.SIZE;
    return (word(word) & first) == first && (second == 0 || (word(word + 1) & second) == second);
  }

  /** Returns whether none of a run of slots, within a segment, is free. */
  boolean areUsed(int index, int slots) {
    long second = secondWordBits(index, slots);
    int word = index / Long.SIZE;
    return (word(word) & firstWordBits(index, slots)) == 0
        && (second == 0 || (word(word + 1) & second) == 0);
  }

  /** Returns whether slots that follow each other lie in one segment. */
  boolean isInSegment(int index, int slots) {
    return (index & (segmentSlots - 1)) + slots <= segmentSlots;
  }

  /** Takes a run of slots, which are free. */
  void take(int index, int slots) {
    int word = index / Long.SIZE;
    WORDS.getAndBitwiseAnd(words, word, ~firstWordBits(index, slots));
    long second = secondWordBits(index, slots);
    if (second != 0) {
      WORDS.getAndBitwiseAnd(words, word + 1, ~second);
    }
  }

  /** Gives a run of slots back, of which some may be free already. */
  void giveBack(int index, int slots) {
    int word = index / Long.SIZE;
    WORDS.getAndBitwiseOr(words, word, firstWordBits(index, slots));
    long second = secondWordBits(index, slots);
    if (second != 0) {
      WORDS.getAndBitwiseOr(words, word + 1, second);
    }
  }

  private long word(int word) {
    return (long) WORDS.getAcquire(words, word);
  }

  /** Returns the bits of a run of slots in the word of the first of them. */
  private static long firstWordBits(int index, int slots) {
    int bits = Math.min(slots, Long.SIZE - (index & BIT_MASK));
    return (-1L >>> (Long.SIZE - bits)) << index;
  }

  /** Returns the bits of a run of slots, within a segment, in the word after that. */
  private static long secondWordBits(int index, int slots) {
    int bits = slots - (Long.SIZE - (index & BIT_MASK));
    return bits <= 0 ? 0 : -1L >>> (Long.SIZE - bits);
  }
}

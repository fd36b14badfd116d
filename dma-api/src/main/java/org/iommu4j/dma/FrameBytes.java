package org.iommu4j.dma;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Moves of bytes into, out of and between frames of little-endian words.
 *
 * <p>Whole words move by plain stores. A part of a word is put in with compare-and-set, so that a
 * move never disturbs a neighbour that another thread writes. Every range lies within one frame.
 */
final class FrameBytes {
  static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle BYTES_AS_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private FrameBytes() {}

  /** Puts the bits of {@code value} under {@code mask} into a word, atomically. */
  static void putBits(long[] frame, int word, long mask, long value) {
    long old;
    do {
      old = (long) WORDS.getVolatile(frame, word);
    } while (!WORDS.compareAndSet(frame, word, old, (old & ~mask) | (value & mask)));
  }

  /** Sets words that hold 0, up to the first that does not; returns how many. */
  static int setZeroWords(long[] frame, int word, int count, long first, long step) {
    long value = first;
    for (int i = 0; i < count; i++, value += step) {
      if (frame[word + i] != 0) {
        return i;
      }
      frame[word + i] = value;
    }
    return count;
  }

  /** Sets to 0 the words that have a bit of the mask set. */
  static void clearWords(long[] frame, int word, int count, long mask) {
    for (int i = word; i < word + count; i++) {
      if ((frame[i] & mask) != 0) {
        frame[i] = 0;
      }
    }
  }

  static byte getByte(long[] frame, int offset) {
    return (byte) (frame[offset >> 3] >>> ((offset & 7) << 3));
  }

  static void putByte(long[] frame, int offset, byte value) {
    int shift = (offset & 7) << 3;
    putBits(frame, offset >> 3, 0xffL << shift, (long) value << shift);
  }

  /** Copies bytes of a frame out to an array. */
  static void get(long[] frame, int offset, byte[] into, int at, int lengthBytes) {
    int from = offset;
    int to = at;
    int end = offset + lengthBytes;
    for (; from < end && (from & 7) != 0; from++) {
      into[to++] = getByte(frame, from);
    }
    for (; from + 8 <= end; from += 8, to += 8) {
      BYTES_AS_LONG.set(into, to, frame[from >> 3]);
    }
    for (; from < end; from++) {
      into[to++] = getByte(frame, from);
    }
  }

  /** Copies bytes of an array into a frame. */
  static void put(long[] frame, int offset, byte[] from, int at, int lengthBytes) {
    int to = offset;
    int source = at;
    int end = offset + lengthBytes;
    for (; to < end && (to & 7) != 0; to++) {
      putByte(frame, to, from[source++]);
    }
    for (; to + 8 <= end; to += 8, source += 8) {
      frame[to >> 3] = (long) BYTES_AS_LONG.get(from, source);
    }
    for (; to < end; to++) {
      putByte(frame, to, from[source++]);
    }
  }

  /** Sets bytes of a frame to one value. */
  static void fill(long[] frame, int offset, int lengthBytes, byte value) {
    int to = offset;
    int end = offset + lengthBytes;
    for (; to < end && (to & 7) != 0; to++) {
      putByte(frame, to, value);
    }
    int wholeEnd = to + ((end - to) & ~7);
    if (wholeEnd > to) {
      Arrays.fill(frame, to >> 3, wholeEnd >> 3, (value & 0xffL) * 0x0101_0101_0101_0101L);
    }
    for (int last = Math.max(to, wholeEnd); last < end; last++) {
      putByte(frame, last, value);
    }
  }

  /** Copies bytes between frames; of overlapping ranges the result is undefined. */
  static void copy(long[] source, int fromOffset, long[] target, int toOffset, int lengthBytes) {
    int head = Math.min(-toOffset & 7, lengthBytes);
    if (head != 0) {
      copyPart(source, fromOffset, target, toOffset, head);
    }
    int words = (lengthBytes - head) >> 3;
    if (words > 0) {
      copyWords(source, fromOffset + head, target, (toOffset + head) >> 3, words);
    }
    int done = head + (words << 3);
    if (done != lengthBytes) {
      copyPart(source, fromOffset + done, target, toOffset + done, lengthBytes - done);
    }
  }

  /** Copies a few bytes into a part of one word. */
  private static void copyPart(long[] source, int from, long[] target, int to, int lengthBytes) {
    int shift = (from & 7) << 3;
    long bytes = source[from >> 3] >>> shift;
    if ((from & 7) + lengthBytes > 8) {
      bytes |= source[(from >> 3) + 1] << (64 - shift);
    }
    int toShift = (to & 7) << 3;
    long mask = (-1L >>> (64 - (lengthBytes << 3))) << toShift;
    putBits(target, to >> 3, mask, bytes << toShift);
  }

  private static void copyWords(long[] source, int from, long[] target, int toWord, int words) {
    int fromWord = from >> 3;
    int shift = (from & 7) << 3;
    if (shift == 0) {
      System.arraycopy(source, fromWord, target, toWord, words);
      return;
    }
    for (int i = 0; i < words; i++) {
      target[toWord + i] =
          (source[fromWord + i] >>> shift) | (source[fromWord + i + 1] << (64 - shift));
    }
  }
}

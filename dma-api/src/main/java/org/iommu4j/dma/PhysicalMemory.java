package org.iommu4j.dma;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.iommu4j.base.Pages;
import org.jspecify.annotations.Nullable;

/**
 * Simulated physical memory: one sparse array of 4 KiB frames over a 52-bit space, little-endian.
 *
 * <p>Page tables, buffers and bounce slots all live here, so that a driver and a device meet in the
 * same bytes. RAM that was never written reads as zeros. Outside RAM nobody answers: a read gives
 * all ones, and a write is lost.
 *
 * <p>Thread-safe. Naturally aligned 64-bit accesses are atomic; the plain ones give no order
 * between threads, the volatile ones do. Accesses of 8, 16 and 32 bits never disturb their
 * neighbours. Bulk moves are atomic only by the word. Nothing is allocated once a frame exists.
 *
 * <p>Misuse (a misaligned or negative address, a bad array range) throws {@link
 * IllegalArgumentException} or {@link IndexOutOfBoundsException}.
 */
public final class PhysicalMemory {
  /** The width of a physical address, the widest that x86 has. */
  public static final int ADDRESS_BITS = 52;

  private static final int WORD_MASK = FrameDirectory.FRAME_WORDS - 1;

  private final FrameDirectory directory = new FrameDirectory();
  private final List<PhysRange> ram;

  private PhysicalMemory(List<PhysRange> ram) {
    this.ram = ram;
  }

  /** Returns a memory that has RAM at each of the 2^52 addresses. */
  public static PhysicalMemory everywhere() {
    return new PhysicalMemory(List.of(new PhysRange(0, 1L << ADDRESS_BITS)));
  }

  /**
   * Returns a memory with RAM at these addresses only.
   *
   * <p>Throws {@link IllegalArgumentException} where ranges overlap or do not lie on frames'
   * bounds.
   */
  public static PhysicalMemory ofRam(Collection<PhysRange> ranges) {
    List<PhysRange> sorted =
        ranges.stream().sorted(Comparator.comparingLong(PhysRange::startPhys)).toList();
    long endPhys = 0;
    for (PhysRange range : sorted) {
      if (range.startPhys() < endPhys || !Pages.isAligned(range.startPhys() | range.endPhys())) {
        throw new IllegalArgumentException("RAM " + range + " overlaps or is not made of frames");
      }
      endPhys = range.endPhys();
    }
    return new PhysicalMemory(sorted);
  }

  /** Returns where there is RAM, in the order of addresses. */
  public List<PhysRange> ram() {
    return ram;
  }

  /** Returns whether RAM answers at this address. */
  public boolean isRam(long phys) {
    for (PhysRange range : ram) {
      if (range.contains(phys)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the 64-bit word at {@code phys}, a multiple of 8; all ones outside RAM. */
  public long read64(long phys) {
    checkAligned(phys, 8);
    long[] frame = directory.find(phys >>> PAGE_SHIFT);
    return frame == null ? absent(phys) : frame[wordOf(phys)];
  }

  /** Sets the 64-bit word at {@code phys}, a multiple of 8. */
  public void write64(long phys, long value) {
    checkAligned(phys, 8);
    long[] frame = directory.find(phys >>> PAGE_SHIFT);
    if (frame == null) {
      if (!isRam(phys)) {
        return;
      }
      frame = directory.findOrCreate(phys >>> PAGE_SHIFT);
    }
    frame[wordOf(phys)] = value;
  }

  /** As {@link #read64}, ordered as a volatile read. */
  public long readVolatile64(long phys) {
    checkAligned(phys, 8);
    long[] frame = directory.find(phys >>> PAGE_SHIFT);
    return frame == null ? absent(phys) : (long) FrameBytes.WORDS.getVolatile(frame, wordOf(phys));
  }

  /** As {@link #write64}, ordered as a volatile write. */
  public void writeVolatile64(long phys, long value) {
    checkAligned(phys, 8);
    if (isWritable(phys)) {
      FrameBytes.WORDS.setVolatile(frameOf(phys), wordOf(phys), value);
    }
  }

  /**
   * Sets the word at {@code phys}, a multiple of 8, if it holds {@code expected}; ordered as a
   * volatile access.
   *
   * @return whether the word was set; always false outside RAM
   */
  public boolean compareAndSet64(long phys, long expected, long value) {
    checkAligned(phys, 8);
    return isWritable(phys)
        && FrameBytes.WORDS.compareAndSet(frameOf(phys), wordOf(phys), expected, value);
  }

  /**
   * Sets words that hold 0 to {@code first}, {@code first + step} and so on, and stops at one that
   * holds something else.
   *
   * @param phys the first word, a multiple of 8; all must lie in one frame
   * @return how many words were set
   */
  public int setZeroWords(long phys, int count, long first, long step) {
    checkWords(phys, count);
    return isWritable(phys)
        ? FrameBytes.setZeroWords(frameOf(phys), wordOf(phys), count, first, step)
        : 0;
  }

  /**
   * Sets to 0 those words that have a bit of the mask set.
   *
   * @param phys the first word, a multiple of 8; all must lie in one frame
   */
  public void clearWords(long phys, int count, long mask) {
    checkWords(phys, count);
    long[] frame = directory.find(phys >>> PAGE_SHIFT);
    if (frame != null) {
      FrameBytes.clearWords(frame, wordOf(phys), count, mask);
    }
  }

  /** Returns the 32-bit value at {@code phys}, a multiple of 4; all ones outside RAM. */
  public int read32(long phys) {
    checkAligned(phys, 4);
    return (int) (read64(phys & ~7L) >>> bitOf(phys));
  }

  /** Sets the 32-bit value at {@code phys}, a multiple of 4. */
  public void write32(long phys, int value) {
    checkAligned(phys, 4);
    putBits(phys, 0xffff_ffffL, value);
  }

  /** Returns the 16-bit value at {@code phys}, a multiple of 2; all ones outside RAM. */
  public short read16(long phys) {
    checkAligned(phys, 2);
    return (short) (read64(phys & ~7L) >>> bitOf(phys));
  }

  /** Sets the 16-bit value at {@code phys}, a multiple of 2. */
  public void write16(long phys, short value) {
    checkAligned(phys, 2);
    putBits(phys, 0xffffL, value);
  }

  /** Returns the byte at {@code phys}; all ones outside RAM. */
  public byte read8(long phys) {
    checkAligned(phys, 1);
    return (byte) (read64(phys & ~7L) >>> bitOf(phys));
  }

  /** Sets the byte at {@code phys}. */
  public void write8(long phys, byte value) {
    checkAligned(phys, 1);
    putBits(phys, 0xffL, value);
  }

  /** Reads {@code lengthBytes} bytes from {@code phys} on into the array at {@code offset}. */
  public void read(long phys, byte[] into, int offset, int lengthBytes) {
    BulkMoves.read(this, phys, into, offset, lengthBytes);
  }

  /** Writes {@code lengthBytes} bytes of the array from {@code offset} on to {@code phys}. */
  public void write(long phys, byte[] from, int offset, int lengthBytes) {
    BulkMoves.write(this, phys, from, offset, lengthBytes);
  }

  /** Sets {@code lengthBytes} bytes from {@code phys} on to one value. */
  public void fill(long phys, long lengthBytes, byte value) {
    BulkMoves.fill(this, phys, lengthBytes, value);
  }

  /**
   * Copies {@code lengthBytes} bytes from one address to another; what lies outside RAM reads as
   * ones and is not written. The result for overlapping ranges is undefined.
   */
  public void copy(long fromPhys, long toPhys, long lengthBytes) {
    BulkMoves.copy(this, fromPhys, toPhys, lengthBytes);
  }

  long @Nullable [] findFrame(long phys) {
    return directory.find(phys >>> PAGE_SHIFT);
  }

  boolean isWritable(long phys) {
    return directory.find(phys >>> PAGE_SHIFT) != null || isRam(phys);
  }

  long[] frameOf(long phys) {
    return directory.findOrCreate(phys >>> PAGE_SHIFT);
  }

  private void putBits(long phys, long mask, long value) {
    if (isWritable(phys)) {
      FrameBytes.putBits(frameOf(phys), wordOf(phys), mask << bitOf(phys), value << bitOf(phys));
    }
  }

  private long absent(long phys) {
    return isRam(phys) ? 0 : -1;
  }

  private static int wordOf(long phys) {
    return (int) (phys >>> 3) & WORD_MASK;
  }

  private static int bitOf(long phys) {
    return ((int) phys & 7) << 3;
  }

  private static void checkWords(long phys, int count) {
    checkAligned(phys, 8);
    if (count < 0 || count > FrameDirectory.FRAME_WORDS - wordOf(phys)) {
      throw new IllegalArgumentException(
          String.format("%d words at 0x%x are not in one frame", count, phys));
    }
  }

  private static void checkAligned(long phys, int bytes) {
    if ((phys & (bytes - 1)) != 0 || phys < 0) {
      throw new IllegalArgumentException(
          String.format("0x%x is no address of an aligned %d-byte access", phys, bytes));
    }
  }
}

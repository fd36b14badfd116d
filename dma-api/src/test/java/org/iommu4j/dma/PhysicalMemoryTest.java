package org.iommu4j.dma;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

final class PhysicalMemoryTest {
  private static final long TIB = 1L << 40;

  @Test
  void ramThatWasNeverWrittenReadsAsZero() {
    PhysicalMemory memory = PhysicalMemory.everywhere();
    assertEquals(0, memory.read64(0x1000));
    assertEquals(0, memory.read64((1L << 52) - 8));
    assertEquals(0, memory.read8(5 * TIB + 3));
  }

  @Test
  void outsideRamReadsAreAllOnesAndWritesAreLost() {
    PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(0x1000, 0x3000)));
    memory.write64(0x3000, 1);
    memory.write32(0, 1);
    memory.fill(0xf00, 0x200, (byte) 0x11);
    assertEquals(-1, memory.read64(0x3000));
    assertEquals(-1, memory.read32(0));
    assertEquals(0x11, memory.read8(0x10ff));
    assertFalse(memory.compareAndSet64(0x4000, -1, 0));
    assertEquals(-1, memory.read64(1L << 53));
    assertTrue(memory.isRam(0x2fff));
    assertFalse(memory.isRam(0x3000));
  }

  @Test
  void whatIsCopiedFromOutsideRamIsAllOnes() {
    PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(0x1000, 0x3000)));
    memory.copy(0x3ff8, 0x1000, 16);
    assertEquals(-1, memory.read64(0x1008));
    memory.copy(0x2000, 0x1000, 8);
    assertEquals(0, memory.read64(0x1000), "RAM that was never written");
    memory.copy(0x1008, 0x3000, 8);
    assertEquals(-1, memory.read64(0x3000));
  }

  @Test
  void wordsAreLittleEndian() {
    PhysicalMemory memory = PhysicalMemory.everywhere();
    memory.write64(0x2000, 0x8877_6655_4433_2211L);
    assertEquals(0x11, memory.read8(0x2000));
    assertEquals((short) 0x4433, memory.read16(0x2002));
    assertEquals(0x8877_6655, memory.read32(0x2004));
    memory.write16(0x2006, (short) 0xabcd);
    memory.write8(0x2001, (byte) 0xee);
    memory.write16(0x2002, (short) 0x0304);
    memory.write32(0x2008, 0x0506_0708);
    assertEquals(0xabcd_6655_0304_ee11L, memory.read64(0x2000));
    assertEquals(0x0506_0708, memory.read64(0x2008));
  }

  @Test
  void misalignedAndNegativeAddressesAreTheCallersMistake() {
    PhysicalMemory memory = PhysicalMemory.everywhere();
    assertThrows(IllegalArgumentException.class, () -> memory.read64(4));
    assertThrows(IllegalArgumentException.class, () -> memory.write32(2, 0));
    assertThrows(IllegalArgumentException.class, () -> memory.read8(-1));
    assertThrows(IllegalArgumentException.class, () -> memory.fill(-8, 8, (byte) 0));
    assertThrows(IndexOutOfBoundsException.class, () -> memory.read(0, new byte[4], 2, 3));
  }

  @Test
  void zeroWordsAreSetUpToTheFirstThatHoldsSomething() {
    PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(0x1000, 0x3000)));
    memory.write64(0x1fe8, 5);
    assertEquals(3, memory.setZeroWords(0x1fd0, 6, 0x10, 0x100));
    assertEquals(0x10, memory.read64(0x1fd0));
    assertEquals(0x210, memory.read64(0x1fe0));
    assertEquals(5, memory.read64(0x1fe8));
    assertEquals(0, memory.read64(0x1ff0));
    assertEquals(1, memory.setZeroWords(0x1ff8, 1, 9, 0));
    assertEquals(0, memory.setZeroWords(0x3000, 2, 9, 0));
    assertThrows(IllegalArgumentException.class, () -> memory.setZeroWords(0x1ff8, 2, 1, 1));
  }

  @Test
  void wordsAreClearedIfTheyHaveABitOfTheMask() {
    PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(0x1000, 0x3000)));
    assertEquals(4, memory.setZeroWords(0x1000, 4, 1, 1));
    memory.clearWords(0x1008, 3, 2);
    assertEquals(1, memory.read64(0x1000));
    assertEquals(0, memory.read64(0x1008));
    assertEquals(0, memory.read64(0x1010));
    assertEquals(4, memory.read64(0x1018));
    memory.clearWords(0x2000, 512, -1);
    assertThrows(IllegalArgumentException.class, () -> memory.clearWords(0x2008, 512, 1));
  }

  @Test
  void compareAndSetSetsOnlyWhatItExpects() {
    PhysicalMemory memory = PhysicalMemory.everywhere();
    assertTrue(memory.compareAndSet64(0x5000, 0, 7));
    assertFalse(memory.compareAndSet64(0x5000, 0, 8));
    memory.writeVolatile64(0x5008, 9);
    assertEquals(7, memory.readVolatile64(0x5000));
    assertEquals(9, memory.readVolatile64(0x5008));
  }

  /** Bulk moves agree with a plain array of bytes, at every alignment and across frames. */
  @Property(tries = 300)
  void bulkMovesAgreeWithAnArrayOfBytes(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 9000) int from,
      @ForAll @IntRange(min = 0, max = 9000) int to,
      @ForAll @IntRange(min = 0, max = 5000) int length) {
    PhysicalMemory memory = PhysicalMemory.everywhere();
    long base = 3 * TIB - 0x2000;
    byte[] mirror = new byte[32768];
    byte[] random = new byte[16384];
    new Random(seed).nextBytes(random);
    System.arraycopy(random, 0, mirror, 0, random.length);
    memory.write(base, mirror, 0, random.length);

    memory.copy(base + from, base + 16384 + to, length);
    System.arraycopy(mirror, from, mirror, 16384 + to, length);
    memory.fill(base + to, length / 2, (byte) seed);
    Arrays.fill(mirror, to, to + length / 2, (byte) seed);

    byte[] seen = new byte[mirror.length];
    memory.read(base, seen, 0, seen.length);
    assertArrayEquals(mirror, seen);
  }

  @Property
  void sixtyFourBitsComeBackFromAnywhere(
      @ForAll @LongRange(min = 0, max = (1L << 49) - 1) long word, @ForAll long value) {
    PhysicalMemory memory = PhysicalMemory.everywhere();
    memory.write64(word << 3, value);
    assertEquals(value, memory.read64(word << 3));
    memory.write8((word << 3) + 7, (byte) ~(value >>> 56));
    assertEquals(value ^ 0xffL << 56, memory.read64(word << 3));
  }

  @Test
  void threadsRacingForAFrameAllWriteIntoTheSameOne() throws InterruptedException {
    PhysicalMemory memory = PhysicalMemory.everywhere();
    int rounds = 200;
    int threads = 4;
    CountDownLatch start = new CountDownLatch(1);
    Thread[] workers = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      int mine = t;
      workers[t] =
          new Thread(
              () -> {
                await(start);
                for (long i = 0; i < rounds; i++) {
                  memory.write64((i << 26) + mine * 8L, mine + 1);
                  memory.write8((i << 26) + 0x800 + mine, (byte) (mine + 1));
                }
              });
      workers[t].start();
    }
    start.countDown();
    for (Thread worker : workers) {
      worker.join();
    }
    for (long i = 0; i < rounds; i++) {
      for (int t = 0; t < threads; t++) {
        assertEquals(t + 1, memory.read64((i << 26) + t * 8L));
      }
      assertEquals(0x04030201, memory.read32((i << 26) + 0x800));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

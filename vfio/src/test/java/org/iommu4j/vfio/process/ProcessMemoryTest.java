package org.iommu4j.vfio.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.junit.jupiter.api.Test;

final class ProcessMemoryTest {
  private static final long PAGE = 4096;
  private static final long HUGE = 2 << 20;
  private static final long V = 0x4000_0000L;

  private final PhysicalMemory physical =
      PhysicalMemory.ofRam(List.of(new PhysRange(1 << 20, 64 << 20)));
  private final FrameAllocator allocator = new FrameAllocator(physical);
  private final PageFrames frames = new PageFrames(physical, allocator);
  private final UserProcess process = new UserProcess("test", frames, 64 << 10);
  private final ProcessMemory memory = process.memory();

  private void mmap(long vaddr, long bytes, Backing backing) {
    assertEquals(0, memory.mmap(vaddr, bytes, MemoryRights.READ_WRITE, backing));
  }

  private long pfn(long vaddr) {
    return memory.pagemap(vaddr).pfn();
  }

  @Test
  void aPageHasAFrameOnceItWasTouched() {
    mmap(V, 2 * PAGE, Backing.small());
    assertFalse(memory.pagemap(V).isPresent());
    memory.write(V, (byte) 1, (byte) 2);
    assertTrue(memory.pagemap(V).isPresent());
    assertFalse(memory.pagemap(V + PAGE).isPresent());
    assertEquals(2, physical.read8((pfn(V) << 12) + 1));
    assertArrayEquals(new byte[] {1, 2, 0}, memory.read(V, 3));
  }

  @Test
  void pagesThatWereOnlyReadAreOnePageOfZeros() {
    mmap(V, 2 * PAGE, Backing.small());
    assertArrayEquals(new byte[4], memory.read(V + PAGE - 2, 4));
    assertEquals(pfn(V), pfn(V + PAGE));
    assertTrue(frames.isReserved(pfn(V)));
    memory.write(V, (byte) 1);
    assertNotEquals(pfn(V), pfn(V + PAGE));
    assertArrayEquals(new byte[1], memory.read(V + PAGE, 1));
  }

  @Test
  void aWholeAlignedStretchBecomesAHugePage() {
    mmap(V - PAGE, HUGE + 2 * PAGE, Backing.anonymous());
    memory.write(V + 5 * PAGE, (byte) 1);
    assertEquals(pfn(V) + 511, pfn(V + 511 * PAGE));
    assertEquals(0, pfn(V) % 512);
    memory.write(V - PAGE, (byte) 1);
    assertFalse(memory.pagemap(V + HUGE).isPresent());
  }

  @Test
  void aHugePageThatIsCutStaysUntilItsLastPartGoes() {
    mmap(V, HUGE, Backing.anonymous());
    memory.write(V + HUGE - 1, (byte) 7);
    long used = allocator.usedFrames();
    assertEquals(0, memory.munmap(V, HUGE / 2));
    assertEquals(used, allocator.usedFrames());
    assertArrayEquals(new byte[] {7}, memory.read(V + HUGE - 1, 1));
    assertEquals(0, memory.munmap(V + HUGE / 2, HUGE / 2));
    assertEquals(used - 512, allocator.usedFrames());
  }

  @Test
  void pagesOfHugetlbfsAreNotCut() {
    mmap(V, 2 * HUGE, Backing.huge());
    assertEquals(Errno.EINVAL, memory.munmap(V + PAGE, HUGE));
    assertEquals(0, memory.munmap(V, HUGE));
    assertEquals(Errno.EINVAL, memory.mmap(V + PAGE, HUGE, MemoryRights.READ, Backing.huge()));
  }

  @Test
  void scatteredPagesNeverTouch() {
    mmap(V, 8 * PAGE, Backing.scattered());
    memory.write(V, new byte[(int) (8 * PAGE)]);
    for (long at = V; at < V + 7 * PAGE; at += PAGE) {
      assertNotEquals(pfn(at) + 1, pfn(at + PAGE));
    }
  }

  @Test
  void aHoleCutsAnAreaInTwo() {
    mmap(V, 4 * PAGE, Backing.small());
    memory.write(V, new byte[(int) (4 * PAGE)]);
    long last = pfn(V + 3 * PAGE);
    assertEquals(0, memory.munmap(V + PAGE, 2 * PAGE));
    assertEquals(last, pfn(V + 3 * PAGE));
    assertThrows(IllegalArgumentException.class, () -> memory.read(V + PAGE, 1));
    memory.write(V, (byte) 1);
    mmap(V + PAGE, PAGE, Backing.small());
    assertArrayEquals(new byte[] {0}, memory.read(V + PAGE, 1));
  }

  @Test
  void mapsBesideWhatIsThere() {
    long first = memory.mmap(3 * PAGE, MemoryRights.READ_WRITE, Backing.small());
    long second = memory.mmap(PAGE, MemoryRights.READ_WRITE, Backing.small());
    assertEquals(ProcessMemory.END_VADDR - 3 * PAGE, first);
    assertEquals(first - PAGE, second);
    memory.munmap(first, PAGE);
    assertEquals(first, memory.mmap(PAGE, MemoryRights.READ, Backing.small()));
    long huge = memory.mmap(HUGE, MemoryRights.READ_WRITE, Backing.huge());
    assertEquals(0, huge % HUGE);
    assertTrue(huge + HUGE <= second);
  }

  @Test
  void wrongRangesAreRefused() {
    assertEquals(Errno.EINVAL, memory.mmap(V + 1, PAGE, MemoryRights.READ, Backing.small()));
    assertEquals(Errno.EINVAL, memory.mmap(V, 0, MemoryRights.READ, Backing.small()));
    assertEquals(
        Errno.ENOMEM,
        memory.mmap(ProcessMemory.END_VADDR, PAGE, MemoryRights.READ, Backing.small()));
    assertEquals(Errno.EINVAL, memory.munmap(V + 1, PAGE));
    assertThrows(IllegalArgumentException.class, () -> process.setMemlockBytes(-1));
    assertThrows(IllegalArgumentException.class, () -> Backing.device(1));
  }

  @Test
  void aFileIsSharedAndOutlivesItsMappings() {
    Backing.MemoryFile file = new Backing.MemoryFile(frames, true);
    UserProcess other = new UserProcess("other", frames, 64 << 10);
    mmap(V, HUGE, file);
    assertEquals(0, other.memory().mmap(2 * V, HUGE, MemoryRights.READ, file));
    memory.write(V + 3, (byte) 9);
    assertArrayEquals(new byte[] {9}, other.memory().read(2 * V + 3, 1));
    process.exit();
    assertArrayEquals(new byte[] {9}, other.memory().read(2 * V + 3, 1));
    other.exit();
    long used = allocator.usedFrames();
    file.close();
    assertEquals(used - 512, allocator.usedFrames());
  }

  @Test
  void aPinnedPageOutlivesItsProcess() {
    mmap(V, PAGE, Backing.small());
    long pfn = memory.pin(V, true);
    long used = allocator.usedFrames();
    process.exit();
    assertTrue(process.hasExited());
    assertEquals(used, allocator.usedFrames());
    assertTrue(frames.unpin(pfn));
    assertEquals(used - 1, allocator.usedFrames());
  }

  @Test
  void pinningAsksForRights() {
    assertEquals(0, memory.mmap(V, PAGE, MemoryRights.READ, Backing.small()));
    assertEquals(0, memory.mmap(2 * V, PAGE, MemoryRights.NONE, Backing.small()));
    assertEquals(Errno.EFAULT, memory.pin(V, true));
    assertTrue(memory.pin(V, false) > 0);
    assertEquals(Errno.EFAULT, memory.pin(2 * V, false));
    assertEquals(Errno.EFAULT, memory.pin(3 * V, false));
  }

  @Test
  void deviceMemoryHasNoFramesToPin() {
    mmap(V, 2 * PAGE, Backing.device(0xfeb0_0000L));
    assertEquals(0xfeb01, memory.pin(V + PAGE, true));
    assertFalse(frames.unpin(0xfeb01));
    assertEquals(0, frames.pinnedPages());
  }

  @Test
  void theAccountHasALimitUnlessThereIsPrivilege() {
    assertEquals(0, memory.account(3, 4, false));
    assertEquals(Errno.ENOMEM, memory.account(2, 4, false));
    assertEquals(0, memory.account(2, 4, true));
    assertEquals(5, memory.lockedPages());
    assertThrows(AssertionError.class, () -> memory.account(-6, 4, false));
  }

  @Test
  void whereMemoryEndsAPinFails() {
    mmap(V, 128 << 20, Backing.scattered());
    long at = V;
    while (memory.pin(at, true) >= 0) {
      at += PAGE;
    }
    assertEquals(Errno.ENOMEM, memory.pin(at, true));
    assertTrue(at > V + (16 << 20));
  }
}

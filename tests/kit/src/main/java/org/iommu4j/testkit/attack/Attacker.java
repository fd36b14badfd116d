package org.iommu4j.testkit.attack;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.PhysRange;

/**
 * A device that reads and writes all memory that it can, in the manner of Thunderclap (Markettos
 * and others, NDSS 2019): it looks for pointers of the kernel in what lies around, which tell where
 * the kernel is, and puts others in their place, which the kernel will follow.
 *
 * <p>What is no pointer it writes back as it was, so that the victim lives to tell. Not
 * thread-safe.
 */
public final class Attacker {
  /** What it puts in a pointer's place. */
  public static final long GADGET = 0x4141_4141_4141_4141L;

  private final BusMaster bus;

  /** Makes an attacker with this way to memory. */
  public Attacker(BusMaster bus) {
    this.bus = bus;
  }

  /** Returns whether a word looks like a pointer of the kernel: no other has these upper bits. */
  public static boolean isPointer(long word) {
    return word >>> 48 == 0xffff && word != -1;
  }

  /** Tries every page of some ranges of I/O addresses, which begin and end with pages. */
  public SweepResult sweep(List<PhysRange> ranges) {
    SweepResult loot = new SweepResult(0, 0, 0, 0);
    for (PhysRange range : ranges) {
      for (long iova = range.startPhys(); iova < range.endPhys(); iova += PAGE_BYTES) {
        loot = tryPage(iova, loot);
      }
    }
    return loot;
  }

  private SweepResult tryPage(long iova, SweepResult before) {
    ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    boolean read = bus.read(iova, page.array(), 0, PAGE_BYTES) == null && !isNobody(page);
    int pointers = read ? replacePointers(page) : 0;
    // Nothing is at an address that cannot be read and swallows what is written.
    boolean written = bus.write(iova, page.array(), 0, PAGE_BYTES) == null && !isNobody(page);
    return new SweepResult(
        before.pagesRead() + (read ? 1 : 0),
        before.pagesWritten() + (written ? 1 : 0),
        before.pointersRead() + pointers,
        before.pointersOverwritten() + (written ? pointers : 0));
  }

  // Where nobody answers, a bus reads as ones.
  private static boolean isNobody(ByteBuffer page) {
    for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
      if (page.getLong(at) != -1) {
        return false;
      }
    }
    return true;
  }

  private static int replacePointers(ByteBuffer page) {
    int pointers = 0;
    for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
      if (isPointer(page.getLong(at))) {
        page.putLong(at, GADGET);
        pointers++;
      }
    }
    return pointers;
  }
}

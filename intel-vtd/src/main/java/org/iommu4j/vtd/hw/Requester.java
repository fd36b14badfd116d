package org.iommu4j.vtd.hw;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_BYTES;

import org.jspecify.annotations.Nullable;

/**
 * A device that reads and writes memory through a remapping unit, page by page, by what it has
 * cached where it can. Immutable; thread-safe.
 *
 * @param unit the unit
 * @param functions the devices behind the unit that cache what it answers
 * @param sourceId the requester id that the unit sees
 */
public record Requester(RemappingHardware unit, AtsFunctions functions, int sourceId) {
  /** Returns a device without a cache of its own. */
  public static Requester uncached(RemappingHardware unit, int sourceId) {
    return new Requester(unit, AtsFunctions.NONE, sourceId);
  }

  /**
   * Reads memory.
   *
   * @return null when all bytes were read, or the fault that ended it; bytes before it were read
   */
  public @Nullable DmaFault read(long iova, byte[] into, int offset, int lengthBytes) {
    for (int done = 0; done < lengthBytes; ) {
      int chunk = chunk(iova + done, lengthBytes - done);
      long phys = reach(iova + done, Access.READ);
      if (RemappingHardware.isRefused(phys)) {
        return refused(phys, iova + done, Access.READ, done, chunk);
      }
      unit.memory().read(phys, into, offset + done, chunk);
      unit.observer().accessed(sourceId, iova + done, chunk, false, phys);
      done += chunk;
    }
    return null;
  }

  /**
   * Writes memory. Four bytes to the interrupt window are an interrupt.
   *
   * @return null when all bytes were written, or the fault that ended it; bytes before it were
   *     written
   */
  public @Nullable DmaFault write(long iova, byte[] from, int offset, int lengthBytes) {
    if (iova >>> 20 == 0xfee && lengthBytes == 4 && (iova & 3) == 0) {
      unit.interrupt(sourceId, iova, littleEndian(from, offset));
      return null;
    }
    for (int done = 0; done < lengthBytes; ) {
      int chunk = chunk(iova + done, lengthBytes - done);
      long phys = reach(iova + done, Access.WRITE);
      if (RemappingHardware.isRefused(phys)) {
        return refused(phys, iova + done, Access.WRITE, done, chunk);
      }
      unit.memory().write(phys, from, offset + done, chunk);
      unit.observer().accessed(sourceId, iova + done, chunk, true, phys);
      done += chunk;
    }
    return null;
  }

  private long reach(long iova, Access access) {
    long phys = functions.translate(unit, sourceId, iova, access);
    return phys < 0
        ? unit.translate(sourceId, iova, access)
        : unit.translated(sourceId, phys, access);
  }

  private DmaFault refused(long refused, long iova, Access access, int doneBytes, int sizeBytes) {
    unit.observer().accessed(sourceId, iova, sizeBytes, access == Access.WRITE, -1);
    return new DmaFault(RemappingHardware.refusal(refused), iova, sourceId, access, doneBytes);
  }

  private static int chunk(long iova, int leftBytes) {
    int inPage = PAGE_BYTES - ((int) iova & OFFSET_MASK);
    return Math.min(inPage, leftBytes);
  }

  private static int littleEndian(byte[] bytes, int offset) {
    int value = 0;
    for (int i = 3; i >= 0; i--) {
      value = value << 8 | (bytes[offset + i] & 0xff);
    }
    return value;
  }
}

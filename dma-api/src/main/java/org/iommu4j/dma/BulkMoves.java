package org.iommu4j.dma;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_BYTES;

import java.util.Arrays;
import java.util.Objects;

/** The moves of {@link PhysicalMemory} that span frames, cut at the frames' bounds. */
final class BulkMoves {

  private BulkMoves() {}

  static void read(PhysicalMemory memory, long phys, byte[] into, int offset, int lengthBytes) {
    Objects.checkFromIndexSize(offset, lengthBytes, into.length);
    checkRange(phys, lengthBytes);
    for (int done = 0; done < lengthBytes; ) {
      long at = phys + done;
      int chunk = Math.min(lengthBytes - done, leftInFrame(at));
      long[] frame = memory.findFrame(at);
      if (frame != null) {
        FrameBytes.get(frame, offsetOf(at), into, offset + done, chunk);
      } else {
        byte value = memory.isRam(at) ? 0 : (byte) 0xff;
        Arrays.fill(into, offset + done, offset + done + chunk, value);
      }
      done += chunk;
    }
  }

  static void write(PhysicalMemory memory, long phys, byte[] from, int offset, int lengthBytes) {
    Objects.checkFromIndexSize(offset, lengthBytes, from.length);
    checkRange(phys, lengthBytes);
    for (int done = 0; done < lengthBytes; ) {
      long at = phys + done;
      int chunk = Math.min(lengthBytes - done, leftInFrame(at));
      if (memory.isWritable(at)) {
        FrameBytes.put(memory.frameOf(at), offsetOf(at), from, offset + done, chunk);
      }
      done += chunk;
    }
  }

  static void fill(PhysicalMemory memory, long phys, long lengthBytes, byte value) {
    checkRange(phys, lengthBytes);
    for (long done = 0; done < lengthBytes; ) {
      long at = phys + done;
      int chunk = (int) Math.min(lengthBytes - done, leftInFrame(at));
      boolean needed = value != 0 || memory.findFrame(at) != null;
      if (needed && memory.isWritable(at)) {
        FrameBytes.fill(memory.frameOf(at), offsetOf(at), chunk, value);
      }
      done += chunk;
    }
  }

  static void copy(PhysicalMemory memory, long fromPhys, long toPhys, long lengthBytes) {
    checkRange(fromPhys, lengthBytes);
    checkRange(toPhys, lengthBytes);
    for (long done = 0; done < lengthBytes; ) {
      long from = fromPhys + done;
      long to = toPhys + done;
      int room = Math.min(leftInFrame(from), leftInFrame(to));
      int chunk = (int) Math.min(lengthBytes - done, room);
      long[] source = memory.findFrame(from);
      if (source == null) {
        fill(memory, to, chunk, memory.isRam(from) ? 0 : (byte) 0xff);
      } else if (memory.isWritable(to)) {
        FrameBytes.copy(source, offsetOf(from), memory.frameOf(to), offsetOf(to), chunk);
      }
      done += chunk;
    }
  }

  private static int offsetOf(long phys) {
    return (int) phys & OFFSET_MASK;
  }

  private static int leftInFrame(long phys) {
    return PAGE_BYTES - offsetOf(phys);
  }

  private static void checkRange(long phys, long lengthBytes) {
    if (phys < 0 || lengthBytes < 0 || phys + lengthBytes < 0) {
      throw new IllegalArgumentException(
          String.format("0x%x bytes at 0x%x are no range of addresses", lengthBytes, phys));
    }
  }
}

package org.iommu4j.evidence.replay;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_BYTES;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.zip.CRC32;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.BusError;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.evidence.replay.ReplayMapping.Kind;

/**
 * The commands that touch memory, from either side: {@code page pagefree fill peek synccpu syncdev
 * sgsynccpu sgsyncdev needsync dpeek dpoke edu}. Not thread-safe.
 */
final class MemoryCommands {
  /** The most bytes that a command reads or writes. */
  static final int MAX_ACCESS_BYTES = 64 << 20;

  private static final int DEVICE_BUFFER_BYTES = 4096;
  private static final long DEVICE_MASK = DmaMapping.bitMask(28);

  private final ReplayState state;
  private final byte[] deviceBuffer = new byte[DEVICE_BUFFER_BYTES];

  MemoryCommands(ReplayState state) {
    this.state = state;
  }

  /** {@code page PAGE ORDER [dma32]}. */
  String page(TranscriptCommand command) {
    OptionalLong phys = RecordedPages.physOf(command);
    if (phys.isEmpty()) {
      state.removePage(command);
      return "error=nomem";
    }
    int order = command.smallNumber(2, FrameAllocator.MAX_ORDER);
    long at = phys.getAsLong();
    if (!Pages.isAligned(at)) {
      throw command.bad("a page lies on a page's bounds");
    }
    state.memory().fill(at, (long) PAGE_BYTES << order, (byte) 0);
    state.putPage(command, at);
    return String.format("phys=0x%x", at);
  }

  /** {@code pagefree PAGE}. */
  String pagefree(TranscriptCommand command) {
    state.removePage(command);
    return "ok";
  }

  /** {@code fill PAGE OFF LEN BYTE}. */
  String fill(TranscriptCommand command) {
    int length = command.smallNumber(3, MAX_ACCESS_BYTES);
    long phys = state.pagePhys(command, 1) + command.smallNumber(2, MAX_ACCESS_BYTES);
    state.memory().fill(phys, length, (byte) command.number(4));
    return "ok";
  }

  /** {@code peek PAGE OFF LEN}. */
  String peek(TranscriptCommand command) {
    int length = command.smallNumber(3, MAX_ACCESS_BYTES);
    CRC32 crc = new CRC32();
    update(crc, state.pagePhys(command, 1) + command.smallNumber(2, MAX_ACCESS_BYTES), length);
    return String.format("crc=%08x", crc.getValue());
  }

  private void update(CRC32 crc, long phys, int length) {
    byte[] bytes = new byte[length];
    state.memory().read(phys, bytes, 0, length);
    crc.update(bytes);
  }

  /** {@code synccpu ID OFF LEN}, {@code syncdev ID OFF LEN}. */
  String sync(TranscriptCommand command, boolean forCpu) {
    ReplayMapping mapping = state.mapping(command, 1);
    if (mapping == null || mapping.kind() != Kind.SINGLE) {
      return "error=nomap";
    }
    long at = mapping.dmaAddr() + command.number(2);
    long length = command.number(3);
    if (forCpu) {
      state.dma().syncSingleForCpu(mapping.device(), at, length, mapping.direction());
    } else {
      state.dma().syncSingleForDevice(mapping.device(), at, length, mapping.direction());
    }
    return "ok";
  }

  /** {@code sgsynccpu ID}, {@code sgsyncdev ID}. */
  String syncList(TranscriptCommand command, boolean forCpu) {
    ReplayMapping mapping = state.mapping(command, 1);
    if (mapping == null || mapping.list() == null) {
      return "error=nomap";
    }
    if (forCpu) {
      state.dma().syncSgForCpu(mapping.device(), mapping.list(), mapping.direction());
    } else {
      state.dma().syncSgForDevice(mapping.device(), mapping.list(), mapping.direction());
    }
    return "ok";
  }

  /** {@code needsync ID}. */
  String needsSync(TranscriptCommand command) {
    ReplayMapping mapping = state.mapping(command, 1);
    if (mapping == null) {
      return "-1";
    }
    return state.dma().needsSync(mapping.device(), mapping.dmaAddr()) ? "1" : "0";
  }

  /** {@code dpeek ID OFF LEN}, {@code dpoke ID OFF LEN BYTE}. */
  String deviceSees(TranscriptCommand command, boolean reads) {
    ReplayMapping mapping = state.mapping(command, 1);
    if (mapping == null) {
      return "error=nomap";
    }
    CRC32 crc = new CRC32();
    int left = command.smallNumber(3, MAX_ACCESS_BYTES);
    int inPage;
    for (long at = state.address(command, 1) + command.number(2);
        left > 0;
        at += inPage, left -= inPage) {
      int offset = (int) at & OFFSET_MASK;
      inPage = Math.min(left, PAGE_BYTES - offset);
      long phys = state.translate(at);
      if (phys == 0) {
        return String.format("fault=0x%x", at);
      }
      if (reads) {
        update(crc, phys, inPage);
      } else {
        state.memory().fill(phys, inPage, (byte) command.number(4));
      }
    }
    return reads ? String.format("crc=%08x", crc.getValue()) : "ok";
  }

  /** Returns the address that {@code edu r|w IOVA LEN} or {@code edu+ r|w ID LEN} is about. */
  long target(TranscriptCommand command) {
    return command.word(0).equals("edu") ? command.number(2) : state.address(command, 2);
  }

  /** The device really accesses memory, at an address of which it drops the upper bits. */
  String edu(TranscriptCommand command, long target) {
    int length = command.smallNumber(3, DEVICE_BUFFER_BYTES);
    BusMaster device = state.system().busMaster(state.address()).orElseThrow();
    boolean reads = command.word(1).startsWith("r");
    device.burst(() -> access(device, target & DEVICE_MASK, length, reads));
    return "done";
  }

  private void access(BusMaster device, long start, int length, boolean reads) {
    for (int done = 0; done < length; ) {
      int left = length - done;
      BusError error =
          reads
              ? device.read(start + done, deviceBuffer, done, left)
              : device.write(start + done, deviceBuffer, done, left);
      done = error == null ? length : afterRefused(error, done, length, reads);
    }
  }

  // This device does not give up: a page that it cannot read is zeros to it, and it goes on after
  // it.
  private int afterRefused(BusError error, int offset, int length, boolean reads) {
    int from = offset + error.completedBytes();
    int inPage = PAGE_BYTES - ((int) error.iova() & OFFSET_MASK);
    int end = Math.min(length, from + inPage);
    if (reads) {
      Arrays.fill(deviceBuffer, from, end, (byte) 0);
    }
    return end;
  }
}

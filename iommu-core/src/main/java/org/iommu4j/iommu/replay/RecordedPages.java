package org.iommu4j.iommu.replay;

import com.google.common.collect.ImmutableList;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;

/**
 * Where the recorded kernel put its pages, which is the one answer that a replay is given: the
 * allocation of page frames is no business of the model.
 *
 * <p>Not thread-safe: a replay is one thread's work.
 */
final class RecordedPages implements PageAllocator {
  private static final Pattern PHYS = Pattern.compile(" -> (?:dma=\\S+ )?phys=0x([0-9a-f]{1,13})$");
  private static final int MAX_BYTES = PhysicalMemory.FRAME_BYTES << FrameAllocator.MAX_ORDER;

  private long nextPhys = NONE;

  /** Returns where a {@code page} or {@code alloc} command's memory is, if it got any. */
  static OptionalLong physOf(TranscriptCommand command) {
    for (String line : command.recorded()) {
      Matcher matcher = PHYS.matcher(line);
      if (matcher.find()) {
        return OptionalLong.of(Long.parseLong(matcher.group(1), 16));
      }
    }
    return OptionalLong.empty();
  }

  /** Returns all memory that the commands of a transcript take. */
  static ImmutableList<PhysRange> taken(Transcript transcript) {
    ImmutableList.Builder<PhysRange> taken = ImmutableList.builder();
    for (TranscriptCommand command : transcript.commands()) {
      if (isAllocation(command) && physOf(command).isPresent()) {
        long phys = physOf(command).getAsLong();
        taken.add(new PhysRange(phys, phys + bytes(command)));
      }
    }
    return taken.build();
  }

  private static boolean isAllocation(TranscriptCommand command) {
    return command.text().startsWith("page ") || command.text().startsWith("alloc ");
  }

  private static long bytes(TranscriptCommand command) {
    if (command.text().startsWith("page ")) {
      return (long) PhysicalMemory.FRAME_BYTES << command.smallNumber(2, FrameAllocator.MAX_ORDER);
    }
    long size = command.number(2);
    return size <= 0 || size > MAX_BYTES ? MAX_BYTES : Math.max(size, PhysicalMemory.FRAME_BYTES);
  }

  /** Sets where the next allocations are, {@link #NONE} for a kernel that is out of memory. */
  void placeAt(long phys) {
    nextPhys = phys;
  }

  @Override
  public long allocate(int order, MemoryZone highest) {
    return nextPhys;
  }

  @Override
  public void free(long phys) {}
}

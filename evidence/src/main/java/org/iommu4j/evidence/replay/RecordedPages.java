package org.iommu4j.evidence.replay;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * Where the recorded kernel put its pages, which is the one answer that a replay is given: the
 * allocation of page frames is no business of the model.
 *
 * <p>Not thread-safe: a replay is one thread's work.
 */
final class RecordedPages implements PageAllocator {
  private static final Pattern PHYS =
      Pattern.compile(" -> (?:dma=\\S+ )?phys=0x([0-9a-f]{1,13})(?: frames=(\\S+))?$");
  private static final Pattern RUN = Pattern.compile("([0-9a-f]{1,13})\\+([0-9a-f]{1,13})");
  private static final Splitter COMMA = Splitter.on(',');
  private static final Pattern DIRECT =
      Pattern.compile(".* -> dma=0x([0-9a-f]{1,13})(?: offset=0x[0-9a-f]+)?");
  private static final ImmutableSet<String> ALLOCATIONS =
      ImmutableSet.of("page", "apages", "palloc", "pzalloc");
  private static final int MAX_ORDER = FrameAllocator.MAX_ORDER;
  private static final long MAX_BYTES = (long) PAGE_BYTES << MAX_ORDER;
  private static final long END_PHYS = 1L << PhysicalMemory.ADDRESS_BITS;

  private final Map<Long, PageAllocator> borrowed = new HashMap<>();
  private @Nullable PageAllocator lender;
  private ImmutableList<PhysRange> runs = ImmutableList.of();
  private int run;
  private long runBytes;
  private int lastRun;
  private long lastRunBytes;
  private long lastPhys = NONE;
  private boolean gave;

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

  /**
   * Returns where an {@code alloc} command's memory is, piece by piece in the order of its
   * addresses for the device; none if it got no memory. One piece may be shorter than what the
   * kernel took.
   */
  static ImmutableList<PhysRange> runsOf(TranscriptCommand command) {
    for (String line : command.recorded()) {
      Matcher matcher = PHYS.matcher(line);
      if (matcher.find()) {
        String frames = matcher.group(2);
        long phys = Long.parseLong(matcher.group(1), 16);
        return frames == null
            ? ImmutableList.of(run(phys, Pages.alignUp(rounded(command.number(2)))))
            : runs(command, frames);
      }
    }
    return ImmutableList.of();
  }

  private static ImmutableList<PhysRange> runs(TranscriptCommand command, String frames) {
    ImmutableList.Builder<PhysRange> runs = ImmutableList.builder();
    for (String text : COMMA.split(frames)) {
      Matcher run = RUN.matcher(text);
      if (!run.matches()) {
        throw command.bad("frames are PHYS+LENGTH in hexadecimal");
      }
      long phys = Long.parseLong(run.group(1), 16);
      long bytes = Long.parseLong(run.group(2), 16);
      if (!Pages.isAligned(phys) || !Pages.isAligned(bytes) || bytes == 0 || bytes > MAX_BYTES) {
        throw command.bad("frames lie on pages' bounds");
      }
      runs.add(run(phys, bytes));
    }
    return runs.build();
  }

  private static PhysRange run(long phys, long bytes) {
    return new PhysRange(phys, Math.min(phys + bytes, END_PHYS));
  }

  /**
   * Returns where the memory of a command is that answers with an address for the device alone, if
   * that is the same because the device is mapped directly.
   */
  static OptionalLong directPhysOf(TranscriptCommand command) {
    for (String line : command.recorded()) {
      Matcher matcher = DIRECT.matcher(line);
      if (matcher.matches()) {
        return OptionalLong.of(Pages.alignDown(Long.parseLong(matcher.group(1), 16)));
      }
    }
    return OptionalLong.empty();
  }

  /**
   * Returns all memory that the commands of a transcript take, and what would be theirs if each
   * device were mapped directly.
   */
  static ImmutableList<PhysRange> taken(Transcript transcript) {
    ImmutableList.Builder<PhysRange> taken = ImmutableList.builder();
    Map<String, Long> pieceBytes = new HashMap<>();
    for (TranscriptCommand command : transcript.commands()) {
      String word = command.words().get(0);
      OptionalLong start = word.equals("page") ? physOf(command) : directPhysOf(command);
      if (word.equals("pool")) {
        pieceBytes.put(command.word(1), rounded(command.number(3) + command.number(4)));
      } else if (word.equals("alloc")) {
        taken.addAll(runsOf(command));
      } else if (start.isPresent() && ALLOCATIONS.contains(word)) {
        taken.add(run(start.getAsLong(), bytes(command, pieceBytes)));
      }
    }
    return taken.build();
  }

  private static long bytes(TranscriptCommand command, Map<String, Long> pieceBytes) {
    return switch (command.word(0)) {
      case "page" -> (long) PAGE_BYTES << command.smallNumber(2, MAX_ORDER);
      case "palloc", "pzalloc" -> pieceBytes.getOrDefault(command.word(2), (long) PAGE_BYTES);
      default -> rounded(command.number(2));
    };
  }

  private static long rounded(long sizeBytes) {
    return sizeBytes <= 0 || sizeBytes > MAX_BYTES ? MAX_BYTES : Math.max(sizeBytes, PAGE_BYTES);
  }

  /** Lets there be no memory, as for a kernel that is out of it. */
  void placeNowhere() {
    placeAt(ImmutableList.of());
  }

  /** Sets where the next allocation is, however large. */
  void placeAt(long phys) {
    placeAt(ImmutableList.of(run(phys, MAX_BYTES)));
  }

  /**
   * Sets where the next allocations are, one after the other. A block that does not fit where the
   * next one is to be is not there, unless it is the whole of a single piece.
   */
  void placeAt(List<PhysRange> pieces) {
    runs = ImmutableList.copyOf(pieces);
    run = 0;
    runBytes = 0;
    lastPhys = NONE;
    lender = null;
    gave = false;
  }

  /** Lets the next allocations be anywhere: no answer tells where the kernel had them. */
  void placeAnywhere(FrameAllocator frames) {
    lender = frames;
    gave = false;
  }

  /** Returns whether memory was allocated since it was last said where. */
  boolean gave() {
    return gave;
  }

  @Override
  public long allocate(int order, MemoryZone highest) {
    PageAllocator from = lender;
    long phys = from == null ? next((long) PAGE_BYTES << order) : from.allocate(order, highest);
    if (from != null && phys != NONE) {
      borrowed.put(phys, from);
    }
    gave |= phys != NONE;
    return phys;
  }

  private long next(long bytes) {
    if (run == runs.size()) {
      return NONE;
    }
    PhysRange current = runs.get(run);
    long phys = current.startPhys() + runBytes;
    boolean isWhole = runs.size() == 1 && runBytes == 0;
    if (!isWhole && (phys + bytes > current.endPhys() || (phys & bytes - 1) != 0)) {
      return NONE;
    }
    lastRun = run;
    lastRunBytes = runBytes;
    lastPhys = phys;
    runBytes += bytes;
    if (runBytes >= current.lengthBytes()) {
      run++;
      runBytes = 0;
    }
    return phys;
  }

  @Override
  public void free(long phys) {
    PageAllocator from = borrowed.remove(phys);
    if (from != null) {
      from.free(phys);
    } else if (phys != NONE && phys == lastPhys) {
      // Who looks elsewhere for something better is told of the same place again.
      run = lastRun;
      runBytes = lastRunBytes;
    }
  }
}

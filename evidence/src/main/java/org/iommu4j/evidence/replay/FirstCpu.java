package org.iommu4j.evidence.replay;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.ListMultimap;
import com.google.common.collect.MultimapBuilder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Guesses the CPU that a script began on, which no transcript says, from where the kernel found
 * single pages: each CPU has a list of free ones, so neighbours in memory are most often of one
 * list, and what a CPU frees it gets again.
 *
 * <p>Not thread-safe.
 *
 * <p>Source: {@code mm/page_alloc.c:rmqueue_pcplist}, {@code free_unref_page_commit}.
 */
final class FirstCpu {
  private static final int UNKNOWN = -1;

  /** How many pages of each CPU are looked at; later ones say little about its first list. */
  private static final int EARLY_PAGES = 2;

  private static final double FAR = Long.SIZE;

  /** What it costs to lie on the other side of pages that follow each other. */
  private static final double BACKWARDS = Math.log(64);

  private static final int RUN_STEP = 16;

  private final int cpus;
  private final ListMultimap<Integer, Long> freshPfns =
      MultimapBuilder.hashKeys().arrayListValues().build();
  private final Map<String, Long> livePfns = new HashMap<>();
  private final Set<Long> seenPfns = new HashSet<>();
  private final Set<Long> freedFirst = new HashSet<>();
  private int cpu = UNKNOWN;
  private int proven = UNKNOWN;

  private FirstCpu(int cpus) {
    this.cpus = cpus;
  }

  /** Returns the likeliest CPU, 0 where nothing tells. */
  static int guess(Transcript transcript, int cpus) {
    FirstCpu search = new FirstCpu(cpus);
    if (cpus > 1) {
      transcript.commands().forEach(search::follow);
    }
    return search.likeliest();
  }

  private void follow(TranscriptCommand command) {
    switch (command.word(0)) {
      case "cpu" -> {
        long wanted = command.number(1);
        cpu = wanted >= 0 && wanted < cpus ? (int) wanted : cpu;
      }
      case "page" -> taken(command, "page ", command.number(2) == 0);
      case "alloc" -> taken(command, "map ", command.number(2) <= PAGE_BYTES);
      case "map", "sg", "resource" -> livePfns.remove("map " + command.word(1));
      case "unmap" -> freed("map " + command.word(1));
      case "pagefree" -> freed("page " + command.word(1));
      default -> {}
    }
  }

  private void taken(TranscriptCommand command, String kind, boolean single) {
    String name = kind + command.word(1);
    OptionalLong phys = RecordedPages.physOf(command);
    livePfns.remove(name);
    if (phys.isEmpty() || !single) {
      return;
    }
    long pfn = phys.getAsLong() >>> PAGE_SHIFT;
    livePfns.put(name, pfn);
    if (seenPfns.add(pfn)) {
      freshPfns.put(cpu, pfn);
    } else if (freedFirst.remove(pfn) && cpu != UNKNOWN && proven == UNKNOWN) {
      proven = cpu;
    }
  }

  private void freed(String name) {
    Long pfn = livePfns.remove(name);
    if (pfn != null && cpu == UNKNOWN) {
      freedFirst.add(pfn);
    } else if (pfn != null) {
      freedFirst.remove(pfn);
    }
  }

  private int likeliest() {
    if (proven != UNKNOWN) {
      return proven;
    }
    int best = 0;
    for (int candidate = 1; candidate < cpus; candidate++) {
      best = distance(candidate) < distance(best) ? candidate : best;
    }
    return best;
  }

  /** Returns how far this CPU's pages are from the first ones: those two count that are nearest. */
  private double distance(int candidate) {
    List<Long> first = freshPfns.get(UNKNOWN);
    List<Long> pfns = freshPfns.get(candidate);
    List<Long> early = pfns.subList(0, Math.min(EARLY_PAGES, pfns.size()));
    int direction = direction(first);
    return first.stream()
        .mapToDouble(
            from ->
                early.stream().mapToDouble(to -> distance(from, to, direction)).min().orElse(FAR))
        .sorted()
        .limit(2)
        .sum();
  }

  private static double distance(long fromPfn, long toPfn, int direction) {
    long pages = toPfn - fromPfn;
    double distance = Math.log((double) Math.abs(pages));
    return Long.signum(pages) == -direction ? distance + BACKWARDS : distance;
  }

  /** Returns 1 or -1 if the pages follow each other upwards or downwards, else 0. */
  private static int direction(List<Long> pfns) {
    int direction = 0;
    for (int i = 1; i < pfns.size(); i++) {
      long step = pfns.get(i) - pfns.get(i - 1);
      if (Math.abs(step) > RUN_STEP || Long.signum(step) == -direction) {
        return 0;
      }
      direction = Long.signum(step);
    }
    return direction;
  }
}

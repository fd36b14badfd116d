package org.iommu4j.iommu.policy;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Reason;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.swiotlb.SwiotlbRules;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a bounce pool is made at boot, and how large.
 *
 * <p>Source: {@code arch/x86/kernel/pci-swiotlb.c}; in later releases {@code
 * arch/x86/kernel/pci-dma.c}.
 */
public final class SwiotlbPolicy {
  static final Rule RULE = new Rule("swiotlb");
  private static final long SLOT_BYTES = SwiotlbPool.SLOT_BYTES;
  private static final long MAX_DMA32_PFN = 1L << 20;
  private static final long LOW_MEMORY_BYTES = 1L << 32;
  private static final String OVERRIDE =
      "arch/x86/kernel/pci-swiotlb.c:pci_swiotlb_detect_override";
  private static final String ABOVE_4G = "arch/x86/kernel/pci-swiotlb.c:pci_swiotlb_detect_4gb";

  private SwiotlbPolicy() {}

  /** What ends the search for a hardware IOMMU. */
  public enum SearchEnd implements Reason {
    /** All direct mappings are to bounce. */
    BOUNCE_ALWAYS("swiotlb=force"),
    /** The pool is to serve in the hardware's place. */
    SOFT("iommu=soft");

    private final String word;

    SearchEnd(String word) {
      this.word = word;
    }

    @Override
    public String words() {
      return word + " ends the search for a hardware IOMMU";
    }
  }

  /**
   * What becomes of the pool at boot.
   *
   * @param announced whether the kernel says that it bounces, which it also does without memory
   * @param active whether a pool is made
   * @param slots how many slots it has, 0 if there is none
   * @param areas how many areas it has, 0 if there is none
   * @param force whether direct mappings bounce always, at need, or never
   * @param searchEnd why the kernel stops here and looks for no hardware IOMMU, or null if it looks
   * @param log what the kernel prints when it makes the pool
   * @param decision why
   */
  @Immutable
  public record Pool(
      boolean announced,
      boolean active,
      long slots,
      int areas,
      SwiotlbForce force,
      @Nullable SearchEnd searchEnd,
      ImmutableList<String> log,
      Decision decision) {
    /** Returns the pool's size. */
    public long bytes() {
      return slots * SLOT_BYTES;
    }
  }

  /**
   * Decides for a machine. Ranges for memory to come, which firmware lists in its SRAT, count in
   * the kernel as memory and are not in the map; a machine with such ranges above 4 GiB has a pool
   * even if all its memory lies below.
   *
   * @param memoryEncryption whether the kernel runs with memory encryption (SME)
   * @param cpus how many CPUs there may be
   * @param rules how large the pool is if the command line does not say
   * @param detection whether a pool that is asked for ends the search for hardware
   */
  public static Pool decide(
      KernelParameters parameters,
      MemoryMap memory,
      boolean memoryEncryption,
      int cpus,
      SwiotlbRules rules,
      DetectionRules detection) {
    return detection.askedPoolEndsSearch()
        ? first(parameters, memory, memoryEncryption, rules)
        : new PoolDecision(parameters, memory, memoryEncryption, cpus, rules).run();
  }

  // The pool as one of the detectors of which one is the last.
  private static Pool first(
      KernelParameters parameters, MemoryMap memory, boolean memoryEncryption, SwiotlbRules rules) {
    long asked = parameters.swiotlbSlots();
    long slots = asked == 0 ? rules.defaultSlots() : asked;
    SwiotlbForce force = parameters.swiotlbForce();
    if (parameters.swiotlbRequested() || force == SwiotlbForce.FORCE) {
      SearchEnd end = force == SwiotlbForce.FORCE ? SearchEnd.BOUNCE_ALWAYS : SearchEnd.SOFT;
      ImmutableList<String> why = ImmutableList.of(end.words());
      return pool(parameters, memory, slots, true, end, why, OVERRIDE);
    }
    boolean above = isAbove4Gib(memory);
    ImmutableList.Builder<String> because = ImmutableList.builder();
    because.add(end(memory));
    if (above && parameters.noIommu()) {
      because.add("iommu=off: memory above 4 GiB does not count");
    }
    if (memoryEncryption) {
      because.add("memory encryption is active");
    }
    boolean active = (above && !parameters.noIommu()) || memoryEncryption;
    return pool(parameters, memory, slots, active, null, because.build(), ABOVE_4G);
  }

  static boolean isAbove4Gib(MemoryMap memory) {
    return memory.ramEndPhys() >>> PAGE_SHIFT > MAX_DMA32_PFN;
  }

  static String end(MemoryMap memory) {
    return memory.isUnknown()
        ? "memory map unknown: taken to end at 4 GiB"
        : String.format("memory ends at 0x%x", memory.ramEndPhys());
  }

  private static Pool pool(
      KernelParameters parameters,
      MemoryMap memory,
      long slots,
      boolean wanted,
      @Nullable SearchEnd searchEnd,
      ImmutableList<String> because,
      String source) {
    boolean active = wanted && fits(memory, slots);
    ImmutableList.Builder<String> reasons = ImmutableList.<String>builder().addAll(because);
    if (wanted && parameters.swiotlbSlots() != 0) {
      reasons.add("swiotlb= sets the size to " + Long.toUnsignedString(slots) + " slots");
    }
    if (wanted && !active) {
      reasons.add("no memory below 4 GiB holds that much");
    }
    String outcome = active ? size(slots) : "no pool";
    return new Pool(
        wanted,
        active,
        active ? slots : 0,
        active ? 1 : 0,
        parameters.swiotlbForce(),
        searchEnd,
        ImmutableList.of(),
        new Decision(RULE, outcome, reasons.build(), source));
  }

  static String size(long slots) {
    return slots + " slots of " + SLOT_BYTES + " bytes";
  }

  // kernel/dma/swiotlb.c:swiotlb_init takes one piece of memory below 4 GiB or none.
  static boolean fits(MemoryMap memory, long slots) {
    if (memory.isUnknown()) {
      return Long.compareUnsigned(slots, LOW_MEMORY_BYTES / SLOT_BYTES) < 0;
    }
    for (AddressRange range : memory.ram()) {
      long lowBytes = Math.min(range.last() + 1, LOW_MEMORY_BYTES) - range.first();
      if (lowBytes > 0 && Long.compareUnsigned(slots, lowBytes / SLOT_BYTES) <= 0) {
        return true;
      }
    }
    return false;
  }
}

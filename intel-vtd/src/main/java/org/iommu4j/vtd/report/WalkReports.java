package org.iommu4j.vtd.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.iommu.spi.TableWalk.Entry;
import org.iommu4j.iommu.spi.TableWalk.Outcome;
import org.iommu4j.vtd.hw.Access;
import org.iommu4j.vtd.hw.HardwareConfig;
import org.iommu4j.vtd.hw.PageTableWalk;
import org.iommu4j.vtd.hw.PagingRules;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.RequestWalk;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.jspecify.annotations.Nullable;

/**
 * Walks by the classes that the hardware walks with, told entry by entry: through a unit at work,
 * or through tables in memory that no unit has.
 *
 * <p>Thread-safe.
 */
public final class WalkReports {
  /** The capability register of a unit that has all that legacy mode knows. */
  public static final long FULL_CAP = 0x000c_0078_0e06L;

  /** The extended capability register of such a unit. */
  public static final long FULL_ECAP = 0xc7L;

  private static final Outcome INTERRUPT =
      new Outcome(null, 0, null, "not memory: 0xfee00000 to 0xfeefffff is the interrupt window");

  private WalkReports() {}

  /** Returns the walk of a requester's address through a unit at work. */
  public static TableWalk of(RemappingHardware unit, int sourceId, long iova) {
    if (isInterrupt(iova)) {
      return new TableWalk(ImmutableList.of(), INTERRUPT, INTERRUPT, ImmutableList.of());
    }
    if (!unit.isTranslating()) {
      Outcome through = new Outcome(iova, 0, null, "not translated");
      return new TableWalk(
          ImmutableList.of(), through, through, ImmutableList.of("translation is off"));
    }
    RequestWalk read = unit.walk(sourceId, iova, Access.READ);
    RequestWalk write = unit.walk(sourceId, iova, Access.WRITE);
    ImmutableList.Builder<String> notes = ImmutableList.builder();
    noteCache(notes, "reads", unit.cached(sourceId, iova, Access.READ), read);
    noteCache(notes, "writes", unit.cached(sourceId, iova, Access.WRITE), write);
    return report(unit.walk(sourceId, iova, null), read, write, unit.config(), notes.build());
  }

  private static void noteCache(
      ImmutableList.Builder<String> notes, String what, long cached, RequestWalk walk) {
    if (cached != RemappingHardware.NOT_CACHED && cached != walk.phys()) {
      notes.add(
          String.format(
              "the caches are stale: %s still go to 0x%x until they are flushed", what, cached));
    }
  }

  /**
   * Returns the walk of a requester's address through tables in memory.
   *
   * @param cap the capability register that says what is supported
   * @param ecap the extended capability register
   * @param rootTablePhys the physical address of the root table
   */
  public static TableWalk fromRoot(
      PhysicalMemory memory, long cap, long ecap, long rootTablePhys, int sourceId, long iova) {
    HardwareConfig config = config(cap, ecap);
    return isInterrupt(iova)
        ? new TableWalk(ImmutableList.of(), INTERRUPT, INTERRUPT, ImmutableList.of())
        : report(
            RequestWalk.of(memory, config, rootTablePhys, sourceId, iova, null),
            RequestWalk.of(memory, config, rootTablePhys, sourceId, iova, Access.READ),
            RequestWalk.of(memory, config, rootTablePhys, sourceId, iova, Access.WRITE),
            config,
            ImmutableList.of());
  }

  /**
   * Returns the walk of an address through a second-level table alone.
   *
   * @param tablePhys the physical address of the topmost table
   * @param levels its level, 1 to 5
   * @param iova the address; bits beyond the levels' width are refused as the hardware does
   */
  public static TableWalk fromTable(
      PhysicalMemory memory, long cap, long ecap, long tablePhys, int levels, long iova) {
    if (iova >>> (12 + 9 * levels) != 0) {
      Outcome refused = refused(FaultReason.ADDRESS_BEYOND_WIDTH);
      return new TableWalk(ImmutableList.of(), refused, refused, ImmutableList.of());
    }
    HardwareConfig config = config(cap, ecap);
    PagingRules rules = new PagingRules(config.capabilities(), config.hostAddressBits());
    PageTableWalk read = PageTableWalk.of(memory, rules, tablePhys, levels, iova, Access.READ);
    PageTableWalk write = PageTableWalk.of(memory, rules, tablePhys, levels, iova, Access.WRITE);
    return new TableWalk(
        EntryReports.of(PageTableWalk.of(memory, rules, tablePhys, levels, iova, null), rules),
        outcome(read, read.fault()),
        outcome(write, write.fault()),
        ImmutableList.of());
  }

  private static boolean isInterrupt(long iova) {
    return iova >>> 20 == 0xfee;
  }

  private static HardwareConfig config(long cap, long ecap) {
    return HardwareConfig.of(new Capabilities(cap, ecap), PhysicalMemory.ADDRESS_BITS);
  }

  private static TableWalk report(
      RequestWalk any,
      RequestWalk read,
      RequestWalk write,
      HardwareConfig config,
      ImmutableList<String> notes) {
    ImmutableList<Entry> entries = EntryReports.of(any.lookup());
    PageTableWalk pages = any.pages();
    if (pages != null) {
      PagingRules rules = new PagingRules(config.capabilities(), config.hostAddressBits());
      entries = ImmutableList.copyOf(Iterables.concat(entries, EntryReports.of(pages, rules)));
    }
    return new TableWalk(entries, outcome(read), outcome(write), notes);
  }

  private static Outcome outcome(RequestWalk walk) {
    FaultReason fault = walk.fault();
    PageTableWalk pages = walk.pages();
    if (fault != null) {
      ContextEntry context = walk.lookup().context();
      boolean silent =
          fault.isQualified() && context != null && context.isFaultProcessingDisabled();
      return new Outcome(
          null, 0, fault.code(), fault.words() + (silent ? "; FPD: not recorded" : ""));
    }
    if (pages != null) {
      return outcome(pages, null);
    }
    return walk.phys() < 0
        ? new Outcome(null, 0, null, "aborted: no such physical address")
        : new Outcome(walk.phys(), 0, null, "passed through");
  }

  private static Outcome outcome(PageTableWalk pages, @Nullable FaultReason fault) {
    return fault == null
        ? new Outcome(
            pages.phys(),
            pages.pageBytes(),
            null,
            EntryReports.pageSize(pages.pageBytes()) + " page")
        : refused(fault);
  }

  private static Outcome refused(FaultReason fault) {
    return new Outcome(null, 0, fault.code(), fault.words());
  }
}

package org.iommu4j.vtd.policy;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/**
 * The kernel's list of remapping units while it is being made.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_parse_one_drhd}, {@code alloc_iommu}, {@code
 * map_iommu}, {@code dmar_register_drhd_unit}.
 */
final class UnitList {
  private static final int MAX_UNITS = 128; // DMAR_UNITS_SUPPORTED on x86
  private static final int PHYSICAL_BITS = 52;

  private final TableFacts facts;
  private final ParseOptions options;
  private final List<String> log;
  private final List<RemappingUnit> units = new ArrayList<>();
  private final List<AddressRange> taken = new ArrayList<>();
  private boolean warned;

  UnitList(TableFacts facts, ParseOptions options, List<String> log) {
    this.facts = facts;
    this.options = options;
    this.log = log;
    this.warned = options.warned();
  }

  boolean isEmpty() {
    return units.isEmpty();
  }

  boolean hasBase(long basePhys) {
    return units.stream().anyMatch(unit -> unit.basePhys() == basePhys);
  }

  ImmutableList<RemappingUnit> inKernelOrder() {
    return ImmutableList.copyOf(units);
  }

  void assumed(ImmutableList.Builder<MissingFact> missing) {
    for (RemappingUnit unit : units) {
      if (unit.registers().assumed()) {
        missing.add(
            new MissingFact(
                String.format("the registers of %s", unit),
                String.format(
                    "cap 0x%x and ecap 0x%x are assumed; its lines are left out of the log",
                    unit.capabilities().cap(), unit.capabilities().ecap())));
      }
    }
  }

  int register(DmarTable table, int offset, int length) {
    int segment = table.readWord(offset + 6);
    long base = table.readQword(offset + 8);
    if (units.stream().anyMatch(u -> u.segment() == segment && u.basePhys() == base)) {
      return 0;
    }
    ScopeSpan scopes = ScopeCounter.count(table, offset, Drhd.FIXED_BYTES, length, log);
    if (base == 0) {
      return invalid(0, "");
    }
    int id = units.size();
    if (id >= MAX_UNITS) {
      log.add(DmarLogLines.PREFIX + "Failed to allocate seq_id");
      return Errno.ENOSPC;
    }
    UnitCapabilities registers = facts.unit(base);
    int errno = map(base, registerBytes(table, offset), registers);
    if (errno != 0) {
      log.add(DmarLogLines.PREFIX + "Failed to map dmar" + id);
      return errno;
    }
    boolean all = (table.readByte(offset + 4) & Drhd.INCLUDE_PCI_ALL) != 0;
    RemappingUnit unit = withWidths(id, segment, base, all, registers, scopes);
    units.add(all ? units.size() : 0, unit);
    return 0;
  }

  private int invalid(long basePhys, String what) {
    if (!warned) {
      warned = true;
      log.add(DmarLogLines.invalidUnit(basePhys, what));
    }
    return Errno.EINVAL;
  }

  // The size is a power of two, of pages.
  private long registerBytes(DmarTable table, int offset) {
    int size = options.does(Trait.READS_REGISTER_SIZE) ? table.readByte(offset + 5) : 0;
    return (long) PAGE_BYTES << size;
  }

  private int map(long base, long firstBytes, UnitCapabilities registers) {
    if (!isFree(base, firstBytes)) {
      log.add(DmarLogLines.PREFIX + "Can't reserve memory");
      return Errno.EBUSY;
    }
    if (registers.allOnes()) {
      return invalid(base, " returns all ones");
    }
    long bytes = Math.max(firstBytes, registers.capabilities().registerBytes());
    if (!isFree(base, bytes)) {
      log.add(DmarLogLines.PREFIX + "Can't reserve memory");
      return Errno.EBUSY;
    }
    taken.add(new AddressRange(base, base + bytes - 1, "registers"));
    return 0;
  }

  // kernel/resource.c:__request_region: beyond what the processor can address, or in use.
  private boolean isFree(long base, long bytes) {
    long last = base + bytes - 1;
    if (last >>> PHYSICAL_BITS != 0 || base >>> PHYSICAL_BITS != 0) {
      return false;
    }
    return taken.stream().noneMatch(range -> range.first() <= last && base <= range.last())
        && facts.memory().ram().stream()
            .noneMatch(range -> range.first() <= last && base <= range.last());
  }

  private boolean needsSecondStage(Capabilities unit) {
    boolean firstStageOnly = unit.scalableMode() && !unit.secondLevelTranslation();
    return !options.does(Trait.TAKES_UNITS_OF_FIRST_STAGE) || !firstStageOnly;
  }

  private RemappingUnit withWidths(
      int id, int segment, long base, boolean all, UnitCapabilities registers, ScopeSpan scopes) {
    String name = "dmar" + id;
    int supported = AddressWidths.supportedAgaws(registers.capabilities(), options.scalableMode());
    int agaw = AddressWidths.NONE;
    int maxAgaw = AddressWidths.NONE;
    if (registers.capabilities().sagaw() == 0 && needsSecondStage(registers.capabilities())) {
      log.add(
          DmarLogLines.PREFIX
              + name
              + ": No supported address widths. Not attempting DMA translation.");
    } else {
      agaw = AddressWidths.largestAgaw(supported, AddressWidths.DEFAULT_WIDTH);
      if (agaw < 0) {
        log.add(DmarLogLines.PREFIX + "Cannot get a valid agaw for iommu (seq_id = " + id + ")");
      } else {
        maxAgaw = AddressWidths.largestAgaw(supported, AddressWidths.MAX_WIDTH);
      }
    }
    if (registers.printable()) {
      log.add(DmarLogLines.unit(name, base, registers));
    }
    return new RemappingUnit(id, segment, base, all, registers, agaw < 0, agaw, maxAgaw, scopes);
  }
}

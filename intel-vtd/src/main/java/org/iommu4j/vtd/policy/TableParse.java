package org.iommu4j.vtd.policy;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rhsa;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.dmar.Octets;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/**
 * How the kernel reads a table: which units, ranges and root ports it registers in which order,
 * what it prints, and where it gives up.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_table_init}, {@code parse_dmar_table}; {@code
 * drivers/iommu/intel/iommu.c:dmar_parse_one_rmrr}, {@code dmar_parse_one_atsr}.
 */
public final class TableParse {
  private static final int WIDTH = 36;
  private static final int SATC = 5;
  private static final int SATC_FIXED_BYTES = 8;

  private final TableFacts facts;
  private final ParseOptions options;
  private final List<String> log = new ArrayList<>();
  private final UnitList units;
  private final List<RmrrUnit> rmrrs = new ArrayList<>();
  private final List<AtsrUnit> atsrs = new ArrayList<>();
  private final List<SatcUnit> satcs = new ArrayList<>();
  private int drhdCount;

  private TableParse(TableFacts facts, ParseOptions options) {
    this.facts = facts;
    this.options = options;
    this.units = new UnitList(facts, options, log);
  }

  /** Reads the table as the first call of {@code dmar_table_init} does. */
  public static ParseResult parse(TableFacts facts, ParseOptions options) {
    return new TableParse(facts, options).run();
  }

  private ParseResult run() {
    try {
      return result(tableInit(), CallOutcome.RETURNS);
    } catch (ScopeCounter.EndlessException e) {
      return result(0, CallOutcome.LOOPS_FOREVER);
    }
  }

  private ParseResult result(int errno, CallOutcome outcome) {
    return new ParseResult(
        errno,
        outcome,
        ImmutableList.copyOf(log),
        units.inKernelOrder(),
        ImmutableList.copyOf(rmrrs),
        ImmutableList.copyOf(atsrs),
        ImmutableList.copyOf(satcs),
        facts.table(),
        missing());
  }

  private int tableInit() {
    int errno = facts.table().isEmpty() ? Errno.ENODEV : parseTable(facts.table().get());
    if (errno < 0) {
      if (errno != Errno.ENODEV) {
        log.add(DmarLogLines.PREFIX + "Parse DMAR table failure.");
      }
      return errno;
    }
    if (units.isEmpty()) {
      log.add(DmarLogLines.PREFIX + "No DMAR devices found");
      return Errno.ENODEV;
    }
    return 0;
  }

  private int parseTable(DmarTable table) {
    int width = table.readByte(WIDTH);
    if (width < PAGE_SHIFT - 1) {
      log.add(DmarLogLines.PREFIX + "Invalid DMAR haw");
      return Errno.EINVAL;
    }
    log.add(DmarLogLines.PREFIX + "Host address width " + (width + 1));
    int errno =
        StructureWalk.walk(
            table, log, (offset, type, length) -> structure(table, offset, type, length));
    if (errno == 0 && drhdCount == 0) {
      log.add(DmarLogLines.FIRMWARE_BUG + "No DRHD structure found in DMAR table");
    }
    return errno;
  }

  private int structure(DmarTable table, int offset, int type, int length) {
    return switch (type) {
      case Drhd.TYPE -> drhd(table, offset, length);
      case Rmrr.TYPE -> rmrr(table, offset, length);
      case Atsr.TYPE -> atsr(table, offset, length);
      case Rhsa.TYPE -> rhsa(table, offset);
      case Andd.TYPE -> andd(table, offset, length);
      case SATC -> options.does(Trait.READS_SATC) ? satc(table, offset, length) : 0;
      default -> 0;
    };
  }

  private int drhd(DmarTable table, int offset, int length) {
    log.add(DmarLogLines.drhd(table.readQword(offset + 8), table.readByte(offset + 4)));
    int errno = units.register(table, offset, length);
    if (errno == 0) {
      drhdCount++;
    }
    return errno;
  }

  private int rmrr(DmarTable table, int offset, int length) {
    long first = table.readQword(offset + 8);
    long last = table.readQword(offset + 16);
    log.add(DmarLogLines.rmrr(first, last));
    boolean bad = !saneRange(first, last);
    if (bad) {
      log.add(DmarLogLines.badRmrr(first, last));
    }
    ScopeSpan scopes = ScopeCounter.count(table, offset, Rmrr.FIXED_BYTES, length, log);
    ScopeSpan inPlace = new ScopeSpan(offset, scopes.from(), scopes.to(), false, scopes.slots());
    rmrrs.add(0, new RmrrUnit(table.readWord(offset + 6), first, last, bad, inPlace));
    return 0;
  }

  // drivers/iommu/intel/iommu.c:rmrr_sanity_check: the memory map is asked last.
  private boolean saneRange(long first, long last) {
    long pageMask = (1 << PAGE_SHIFT) - 1;
    if ((first & pageMask) != 0
        || (last + 1 & pageMask) != 0
        || Long.compareUnsigned(last, first) <= 0) {
      return false;
    }
    if (facts.memory().isUnknown() || FirmwareMemory.backs(facts.memory(), first, last)) {
      return true;
    }
    log.add(DmarLogLines.rmrrNotReserved(first, last));
    return false;
  }

  private int atsr(DmarTable table, int offset, int length) {
    int flags = table.readByte(offset + 4);
    log.add(DmarLogLines.atsr(flags));
    for (AtsrUnit known : atsrs) {
      if (sameBytes(table, known.scopes(), offset, length)) {
        return 0;
      }
    }
    boolean all = (flags & Atsr.ALL_PORTS) != 0;
    ScopeSpan scopes =
        all
            ? new ScopeSpan(offset, offset + Atsr.FIXED_BYTES, offset + length, true, 0)
            : ScopeCounter.count(table, offset, Atsr.FIXED_BYTES, length, log);
    atsrs.add(0, new AtsrUnit(table.readWord(offset + 6), all, scopes));
    return 0;
  }

  // drivers/iommu/intel/iommu.c:dmar_parse_one_satc.
  private int satc(DmarTable table, int offset, int length) {
    int flags = table.readByte(offset + 4);
    log.add(DmarLogLines.satc(flags));
    for (SatcUnit known : satcs) {
      if (sameBytes(table, known.scopes(), offset, length)) {
        return 0;
      }
    }
    ScopeSpan scopes = ScopeCounter.count(table, offset, SATC_FIXED_BYTES, length, log);
    satcs.add(0, new SatcUnit(table.readWord(offset + 6), (flags & 1) != 0, scopes));
    return 0;
  }

  private static boolean sameBytes(DmarTable table, ScopeSpan known, int offset, int length) {
    if (known.to() - known.structureOffset() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (table.readByte(known.structureOffset() + i) != table.readByte(offset + i)) {
        return false;
      }
    }
    return true;
  }

  private int rhsa(DmarTable table, int offset) {
    long base = table.readQword(offset + 8);
    log.add(DmarLogLines.rhsa(base, table.readDword(offset + 16)));
    if (options.numa() && !units.hasBase(base)) {
      log.add(DmarLogLines.rhsaWithoutUnit(base));
    }
    return 0;
  }

  private int andd(DmarTable table, int offset, int length) {
    int from = offset + Andd.FIXED_BYTES;
    // A structure of fewer than 8 bytes makes the room for the name wrap around to no limit.
    int to = length < Andd.FIXED_BYTES ? table.sizeBytes() + 1 : offset + length;
    int end = from;
    while (end < to && table.readByte(end) != 0) {
      end++;
    }
    if (end == to) {
      log.add(DmarLogLines.anddNotTerminated());
      return Errno.EINVAL;
    }
    byte[] name = new byte[end - from];
    for (int i = 0; i < name.length; i++) {
      name[i] = (byte) table.readByte(from + i);
    }
    log.add(DmarLogLines.andd(table.readByte(offset + 7), Octets.of(name).escaped()));
    return 0;
  }

  private ImmutableList<MissingFact> missing() {
    ImmutableList.Builder<MissingFact> missing = ImmutableList.builder();
    units.assumed(missing);
    if (!rmrrs.isEmpty() && facts.memory().isUnknown()) {
      missing.add(
          new MissingFact("proc/iomem", "each RMRR is taken to lie in memory that is reserved"));
    }
    return missing.build();
  }
}

package org.iommu4j.vtd.dmar;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.iommu4j.vtd.dmar.DmarProblem.Severity;

/**
 * Checks what a table says, where its form is no longer in question.
 *
 * <p>Source: the checks of {@code drivers/iommu/intel/dmar.c} and {@code
 * drivers/iommu/intel/iommu.c}, and the requirements of the VT-d specification, chapter "BIOS
 * Considerations".
 */
public final class DmarChecks {
  private static final int KNOWN_FLAGS =
      DmarHeader.INTR_REMAP | DmarHeader.X2APIC_OPT_OUT | DmarHeader.DMA_CTRL_PLATFORM_OPT_IN;
  private static final int LEAST_WIDTH = 12;
  private static final int MAX_PROBLEMS = 1000;

  private final DmarTable table;
  private final List<DmarProblem> problems = new ArrayList<>();

  private DmarChecks(DmarTable table) {
    this.table = table;
  }

  /** Returns all that is wrong with a table, in form and in meaning, by offset. */
  public static ImmutableList<DmarProblem> check(DmarTable table) {
    DmarChecks checks = new DmarChecks(table);
    checks.header();
    checks.problems.addAll(UnitChecks.check(table));
    checks.problems.addAll(RegionChecks.check(table));
    checks.problems.addAll(ScopeChecks.check(table));
    return ImmutableList.<DmarProblem>builder()
        .addAll(table.problems())
        .addAll(checks.problems.stream().limit(MAX_PROBLEMS).iterator())
        .build()
        .stream()
        .sorted(Comparator.comparingInt(DmarProblem::offset))
        .collect(ImmutableList.toImmutableList());
  }

  private void header() {
    DmarHeader header = table.header();
    if (!header.checksumGood()) {
      add(
          9,
          "bad-checksum",
          Severity.WARNING,
          String.format(
              "checksum is 0x%02x, 0x%02x would be right",
              header.checksum(), header.checksum() - header.sum() & 0xff),
          "ACPI warns and the table is used; the same table in an initrd is not taken");
    }
    if (header.hostAddressWidth() < LEAST_WIDTH) {
      add(
          36,
          "invalid-width",
          Severity.ERROR,
          "host address width is " + header.hostAddressWidth() + " bits",
          "DMAR: Invalid DMAR haw; the whole table is refused");
    }
    if ((header.flags() & ~KNOWN_FLAGS) != 0) {
      add(
          37,
          "reserved-flags",
          Severity.NOTE,
          String.format("flags are 0x%02x, only bits 0 to 2 are defined", header.flags()),
          "does not look at them");
    }
    if (header.x2apicOptOut() && !header.interruptRemapping()) {
      add(
          37,
          "opt-out-without-remapping",
          Severity.NOTE,
          "X2APIC_OPT_OUT without INTR_REMAP",
          "does not remap interrupts and so never asks");
    }
  }

  private void add(int offset, String rule, Severity severity, String detail, String verdict) {
    problems.add(new DmarProblem(offset, rule, severity, detail, verdict));
  }
}

package org.iommu4j.vtd.policy;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;

/**
 * Whether a machine counts as one with VT-d: the look at the table before memory is set up.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:detect_intel_iommu}, {@code dmar_table_detect},
 * {@code dmar_validate_one_drhd}.
 */
public final class TableDetection {

  private final TableFacts facts;
  private final List<String> log = new ArrayList<>();
  private boolean warned;

  private TableDetection(TableFacts facts, boolean warned) {
    this.facts = facts;
    this.warned = warned;
  }

  /**
   * What came of it.
   *
   * @param errno 0, or a negative error number: then the VT-d driver is never started
   * @param log what the kernel prints, first lines only
   * @param warned whether the once-a-boot warning of a broken unit is used up
   */
  public record Result(int errno, ImmutableList<String> log, boolean warned) {
    /** Returns whether the driver will be started. */
    public boolean detected() {
      return errno == 0;
    }
  }

  /** Looks for a table and for units that cannot be there. */
  public static Result detect(TableFacts facts) {
    TableDetection detection = new TableDetection(facts, false);
    int errno = detection.run();
    return new Result(errno, ImmutableList.copyOf(detection.log), detection.warned);
  }

  private int run() {
    // An early mapping of no bytes fails: arch/x86/kernel/acpi/boot.c:__acpi_map_table.
    if (facts.table().isEmpty() || facts.table().get().header().lengthBytes() == 0) {
      return Errno.ENOENT;
    }
    return StructureWalk.walk(
        facts.table().get(),
        log,
        (offset, type, length) ->
            type == Drhd.TYPE ? validate(facts.table().get().readQword(offset + 8)) : 0);
  }

  private int validate(long basePhys) {
    if (basePhys == 0) {
      return invalid(0, "");
    }
    if (Long.compareUnsigned(basePhys + PAGE_BYTES - 1, basePhys) < 0) {
      log.add(String.format(DmarLogLines.PREFIX + "Can't validate DRHD address: %x", basePhys));
      return Errno.EINVAL;
    }
    return facts.unit(basePhys).allOnes() ? invalid(basePhys, " returns all ones") : 0;
  }

  private int invalid(long basePhys, String what) {
    if (!warned) {
      warned = true;
      log.add(DmarLogLines.invalidUnit(basePhys, what));
    }
    return Errno.EINVAL;
  }
}

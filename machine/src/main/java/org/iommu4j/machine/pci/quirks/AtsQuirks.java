package org.iommu4j.machine.pci.quirks;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.ReleaseSpan;

/**
 * Functions whose Address Translation Service (ATS) the kernel leaves off.
 *
 * <p>Source: {@code drivers/pci/quirks.c:quirk_amd_harvest_no_ats}, {@code
 * quirk_intel_e2000_no_ats}.
 */
public final class AtsQuirks {
  private static final String AMD = "quirk_amd_harvest_no_ats";
  private static final String INTEL = "quirk_intel_e2000_no_ats";
  private static final int ANY_REVISION = 0xff;

  private static final ImmutableList<Row> ROWS =
      ImmutableList.of(
          row(0x1002, "98e4 6900", 0, ANY_REVISION, AMD),
          row(0x1002, "7312 7341", 0, 0, AMD),
          row(0x1002, "7340", 0xc5, 0xc5, AMD),
          row(0x8086, "1451-1455 1457 1459 145a 145c", 0, 0x1f, INTEL));

  private AtsQuirks() {}

  private static Row row(
      int vendorId, String devices, int firstRevision, int lastRevision, String function) {
    return new Row(
        vendorId, IdSet.of(devices), firstRevision, lastRevision, function, ReleaseSpan.ALWAYS);
  }

  /** Returns the table, of all releases. */
  static ImmutableList<Row> rows() {
    return ROWS;
  }

  /**
   * One row: who gets it wrong.
   *
   * @param vendorId the vendor
   * @param devices the vendor's functions
   * @param firstRevision the first of their revisions
   * @param lastRevision the last of them
   * @param function the kernel's function in {@code drivers/pci/quirks.c}
   * @param span the releases that have the row
   */
  @Immutable
  public record Row(
      int vendorId,
      IdSet devices,
      int firstRevision,
      int lastRevision,
      String function,
      ReleaseSpan span) {
    /** Returns whether ATS stays off on this function. */
    public boolean matches(int vendor, int device, int revision) {
      return vendorId == vendor
          && devices.contains(device)
          && revision >= firstRevision
          && revision <= lastRevision;
    }

    /** Returns the kernel's file and function. */
    public String source() {
      return "drivers/pci/quirks.c:" + function;
    }
  }
}

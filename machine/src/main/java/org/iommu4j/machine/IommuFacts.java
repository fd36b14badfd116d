package org.iommu4j.machine;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.regex.Pattern;

/**
 * Where the facts of one vendor's IOMMUs lie: a row a vendor. What they mean is the vendor's
 * affair.
 *
 * @param vendor whose they are, for people
 * @param signature the ACPI table that describes them
 * @param unit the names that units have in {@code /sys/class/iommu}
 * @param registers the directory there that shows a unit's registers
 * @param logMark what all lines of the log have that tell a unit's registers
 * @param logLine such a line: address, two numbers of the version, and two registers
 */
@Immutable
@SuppressWarnings("Immutable") // a pattern does not change
record IommuFacts(
    String vendor,
    String signature,
    Pattern unit,
    String registers,
    String logMark,
    Pattern logLine) {
  /** {@code drivers/iommu/intel/dmar.c:alloc_iommu}. */
  static final IommuFacts INTEL =
      new IommuFacts(
          "Intel",
          "DMAR",
          Pattern.compile("dmar[0-9]{1,4}"),
          "intel-iommu",
          "reg_base_addr",
          Pattern.compile(
              "(?:dmar\\d{1,4}|IOMMU \\d{1,4}): reg_base_addr ([0-9a-f]{1,16}) ver"
                  + " (\\d{1,3}):(\\d{1,3}) cap ([0-9a-f]{1,16}) ecap ([0-9a-f]{1,16})\\b"));

  /** All that are read. */
  static final ImmutableList<IommuFacts> ALL = ImmutableList.of(INTEL);

  /** Returns whether an ACPI table describes IOMMUs, and is kept whatever its size. */
  static boolean isTable(String signature) {
    return ALL.stream().anyMatch(row -> row.signature.equals(signature));
  }
}

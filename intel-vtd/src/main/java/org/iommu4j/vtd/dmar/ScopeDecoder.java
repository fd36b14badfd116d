package org.iommu4j.vtd.dmar;

import com.google.common.collect.ImmutableList;
import org.iommu4j.vtd.dmar.DmarProblem.Severity;

/** Reads the device scopes of one structure. */
final class ScopeDecoder {
  private final DmarTable table;
  private final Findings findings;

  /** Where problems go. */
  interface Findings {
    void add(int offset, String rule, Severity severity, String detail, String verdict);
  }

  ScopeDecoder(DmarTable table, Findings findings) {
    this.table = table;
    this.findings = findings;
  }

  ImmutableList<DeviceScope> decode(int from, int to) {
    ImmutableList.Builder<DeviceScope> scopes = ImmutableList.builder();
    int at = from;
    while (at < to) {
      int length = table.readByte(at + 1);
      if (length == 0) {
        findings.add(
            at,
            "scope-zero-length",
            Severity.ERROR,
            "a device scope has length 0",
            "counts it for ever: the boot hangs");
        break;
      }
      checkForm(at, length, to);
      if (length >= DeviceScope.FIXED_BYTES && at + DeviceScope.FIXED_BYTES <= to) {
        scopes.add(scopeAt(at, Math.min(at + length, to)));
      }
      at += length;
    }
    return scopes.build();
  }

  private void checkForm(int at, int length, int to) {
    if (length < DeviceScope.FIXED_BYTES) {
      findings.add(
          at,
          "scope-too-short",
          Severity.ERROR,
          "a device scope has " + length + " bytes, it needs 6",
          "it matches nothing; what follows those bytes is taken for the next scope");
    } else if (at + length > to) {
      findings.add(
          at,
          "scope-past-structure",
          Severity.ERROR,
          "a device scope has " + length + " bytes, its structure only " + (to - at),
          "reads on behind the structure");
    } else if ((length & 1) != 0) {
      findings.add(
          at,
          "scope-odd-length",
          Severity.WARNING,
          "a device scope has " + length + " bytes, half a hop too much",
          "leaves the last byte out of the path");
    }
  }

  private DeviceScope scopeAt(int at, int end) {
    ImmutableList.Builder<DeviceScope.Hop> path = ImmutableList.builder();
    for (int hop = at + DeviceScope.FIXED_BYTES; hop + 1 < end; hop += 2) {
      path.add(new DeviceScope.Hop(table.readByte(hop), table.readByte(hop + 1)));
    }
    return new DeviceScope(
        table.readByte(at),
        table.readByte(at + 2),
        table.readByte(at + 3),
        table.readByte(at + 4),
        table.readByte(at + 5),
        path.build());
  }
}

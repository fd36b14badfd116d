package org.iommu4j.vtd.dmar;

import static org.iommu4j.base.Pages.OFFSET_MASK;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.iommu4j.base.Pages;
import org.iommu4j.vtd.dmar.DmarProblem.Severity;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;

/** Checks reserved memory, root ports and namespace devices of a table. */
final class RegionChecks {

  private final List<DmarProblem> problems = new ArrayList<>();
  private final Map<Atsr, Integer> atsrs = new HashMap<>();
  private final Set<Integer> names = new HashSet<>();

  private RegionChecks() {}

  static List<DmarProblem> check(DmarTable table) {
    RegionChecks checks = new RegionChecks();
    for (DmarEntry entry : table.entries()) {
      if (entry.structure() instanceof Rmrr rmrr) {
        checks.reserved(entry.offset(), rmrr);
      } else if (entry.structure() instanceof Atsr atsr) {
        checks.ports(entry.offset(), atsr);
      } else if (entry.structure() instanceof Andd andd) {
        checks.name(entry.offset(), andd);
      }
    }
    return checks.problems;
  }

  private void reserved(int offset, Rmrr rmrr) {
    boolean empty = Long.compareUnsigned(rmrr.lastPhys(), rmrr.firstPhys()) <= 0;
    boolean unaligned =
        !Pages.isAligned(rmrr.firstPhys()) || (rmrr.lastPhys() & OFFSET_MASK) != OFFSET_MASK;
    if (empty || unaligned) {
      add(
          offset + 8,
          empty ? "reserved-memory-empty" : "reserved-memory-unaligned",
          Severity.WARNING,
          String.format(
              "reserved memory from 0x%x to 0x%x %s",
              rmrr.firstPhys(),
              rmrr.lastPhys(),
              empty ? "does not end behind its start" : "is not whole pages"),
          String.format(
              "DMAR: [Firmware Bug]: Your BIOS is broken; bad RMRR [%#018x-%#018x]; uses it all the"
                  + " same",
              rmrr.firstPhys(), rmrr.lastPhys()));
    }
    if (rmrr.scopes().isEmpty()) {
      add(
          offset,
          "reserved-memory-of-nobody",
          Severity.NOTE,
          "reserved memory without a device",
          "registers it; no device gets it");
    }
  }

  private void ports(int offset, Atsr atsr) {
    Integer first = atsrs.putIfAbsent(atsr, offset);
    if (first != null) {
      add(
          offset,
          "duplicate-ports",
          Severity.NOTE,
          String.format("the same structure is at offset 0x%x already", first),
          "drops this one");
    }
    if (atsr.allPorts() && !atsr.scopes().isEmpty()) {
      add(
          offset,
          "all-ports-with-scopes",
          Severity.NOTE,
          "ALL_PORTS and device scopes together",
          "does not look at the scopes");
    }
  }

  private void name(int offset, Andd andd) {
    if (!andd.nameField().hasTerminator()) {
      add(
          offset + Andd.FIXED_BYTES,
          "name-not-terminated",
          Severity.ERROR,
          "the name of namespace device " + andd.deviceNumber() + " has no zero at its end",
          "DMAR: [Firmware Bug]: Your BIOS is broken; ANDD object name is not NUL-terminated; the"
              + " rest of the table is refused");
    }
    if (!names.add(andd.deviceNumber())) {
      add(
          offset + 7,
          "duplicate-name",
          Severity.WARNING,
          "namespace device " + andd.deviceNumber() + " has a name already",
          "looks up both, and can run out of slots for the second");
    }
  }

  private void add(int offset, String rule, Severity severity, String detail, String verdict) {
    problems.add(new DmarProblem(offset, rule, severity, detail, verdict));
  }
}

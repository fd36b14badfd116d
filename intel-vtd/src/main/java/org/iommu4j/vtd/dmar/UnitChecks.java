package org.iommu4j.vtd.dmar;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommu4j.base.Pages;
import org.iommu4j.vtd.dmar.DmarProblem.Severity;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rhsa;

/** Checks the units of a table, and what refers to them. */
final class UnitChecks {

  private final List<DmarProblem> problems = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final TreeMap<Long, Integer> bases = new TreeMap<>(Long::compareUnsigned);
  private final Map<Integer, Integer> includeAll = new HashMap<>();

  private UnitChecks() {}

  static List<DmarProblem> check(DmarTable table) {
    UnitChecks checks = new UnitChecks();
    for (DmarEntry entry : table.entries()) {
      if (entry.structure() instanceof Drhd drhd) {
        checks.unit(entry.offset(), drhd);
      } else if (entry.structure() instanceof Rhsa rhsa) {
        checks.affinity(entry.offset(), rhsa);
      }
    }
    if (checks.places.isEmpty()) {
      checks.add(
          DmarTable.HEADER_BYTES,
          "no-unit",
          Severity.ERROR,
          "the table has no remapping unit",
          "DMAR: [Firmware Bug]: No DRHD structure found in DMAR table");
    }
    return checks.problems;
  }

  private void unit(int offset, Drhd drhd) {
    long base = drhd.registerBasePhys();
    Integer first = places.putIfAbsent(drhd.segment() + "/" + base, offset);
    if (first != null) {
      add(
          offset,
          "duplicate-unit",
          Severity.WARNING,
          String.format("the unit at 0x%x is at offset 0x%x already", base, first),
          "drops this structure with its flags and scopes");
      return;
    }
    base(offset, base);
    includeAll(offset, drhd);
  }

  private void base(int offset, long base) {
    if (base == 0) {
      add(
          offset + 8,
          "unit-at-zero",
          Severity.ERROR,
          "the unit's registers are at address 0",
          "DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address 0!; no VT-d");
      return;
    }
    if (!Pages.isAligned(base)) {
      add(
          offset + 8,
          "unit-unaligned",
          Severity.WARNING,
          String.format("the unit's registers at 0x%x are not at the start of a page", base),
          "does not check it");
    }
    Map.Entry<Long, Integer> below = bases.floorEntry(base + PAGE_BYTES - 1);
    if (below != null && base - below.getKey() < PAGE_BYTES) {
      add(
          offset + 8,
          "units-overlap",
          Severity.ERROR,
          String.format(
              "the unit's page overlaps that of the unit at offset 0x%x", below.getValue()),
          "DMAR: Can't reserve memory; the rest of the table is refused");
    }
    bases.putIfAbsent(base, offset);
  }

  private void includeAll(int offset, Drhd drhd) {
    Integer earlier = includeAll.get(drhd.segment());
    if (drhd.includesAll()) {
      if (earlier != null) {
        add(
            offset + 4,
            "second-include-all",
            Severity.WARNING,
            String.format(
                "segment %d has its unit for all at offset 0x%x", drhd.segment(), earlier),
            "the first of the table gets the devices");
      }
      includeAll.putIfAbsent(drhd.segment(), offset);
      if (drhd.scopes().stream().anyMatch(UnitChecks::namesFunction)) {
        add(
            offset,
            "include-all-with-devices",
            Severity.NOTE,
            "the unit for all devices has scopes of PCI devices",
            "does not look them up");
      }
    } else if (earlier != null) {
      add(
          offset,
          "unit-behind-include-all",
          Severity.NOTE,
          String.format("the unit for all devices, at offset 0x%x, must come last", earlier),
          "puts it last by itself");
    }
  }

  private static boolean namesFunction(DeviceScope scope) {
    return scope.type() == ScopeType.ENDPOINT.code() || scope.type() == ScopeType.BRIDGE.code();
  }

  private void affinity(int offset, Rhsa rhsa) {
    if (!bases.containsKey(rhsa.registerBasePhys())) {
      add(
          offset + 8,
          "affinity-without-unit",
          Severity.WARNING,
          String.format("no unit before this has its registers at 0x%x", rhsa.registerBasePhys()),
          String.format(
              "DMAR: [Firmware Bug]: Your BIOS is broken; RHSA refers to non-existent DMAR unit at"
                  + " %x",
              rhsa.registerBasePhys()));
    }
  }

  private void add(int offset, String rule, Severity severity, String detail, String verdict) {
    problems.add(new DmarProblem(offset, rule, severity, detail, verdict));
  }
}

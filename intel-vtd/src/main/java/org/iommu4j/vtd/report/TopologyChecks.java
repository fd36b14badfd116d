package org.iommu4j.vtd.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.util.Optional;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DmarChecks;
import org.iommu4j.vtd.dmar.DmarEntry;
import org.iommu4j.vtd.dmar.DmarProblem;
import org.iommu4j.vtd.dmar.DmarProblem.Severity;
import org.iommu4j.vtd.dmar.DmarStructure;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.dmar.ScopeType;
import org.iommu4j.vtd.policy.ScopeNames;

/** Finds what is wrong with a table on a machine: scopes that do not fit its devices. */
public final class TopologyChecks {
  private TopologyChecks() {}

  /** Returns all that is wrong with a table, with and without a machine's buses to look at. */
  public static ImmutableList<DmarProblem> check(DmarTable table, Optional<PciTopology> pci) {
    ImmutableList<DmarProblem> problems = DmarChecks.check(table);
    if (pci.isEmpty()) {
      return problems;
    }
    ImmutableList.Builder<DmarProblem> scopes = ImmutableList.builder();
    for (DmarEntry entry : table.entries()) {
      int at = entry.offset() + entry.length();
      for (DeviceScope scope : entry.structure().scopes()) {
        at -= scope.sizeBytes();
      }
      for (DeviceScope scope : entry.structure().scopes()) {
        if (isPci(scope)) {
          check(at, entry.structure(), scope, pci.get(), scopes);
        }
        at += scope.sizeBytes();
      }
    }
    return ImmutableList.sortedCopyOf(
        (a, b) -> Integer.compare(a.offset(), b.offset()),
        Iterables.concat(problems, scopes.build()));
  }

  static boolean isPci(DeviceScope scope) {
    return scope.type() == ScopeType.ENDPOINT.code() || scope.type() == ScopeType.BRIDGE.code();
  }

  /** Returns the segment of a structure with scopes. */
  static int segment(DmarStructure structure) {
    if (structure instanceof DmarStructure.Drhd drhd) {
      return drhd.segment();
    }
    if (structure instanceof DmarStructure.Rmrr rmrr) {
      return rmrr.segment();
    }
    return structure instanceof DmarStructure.Atsr atsr ? atsr.segment() : 0;
  }

  private static void check(
      int offset,
      DmarStructure structure,
      DeviceScope scope,
      PciTopology pci,
      ImmutableList.Builder<DmarProblem> problems) {
    String where = structure.title() + " scope " + scope.pathText();
    Optional<ScopeNames.Named> named = ScopeNames.named(scope, segment(structure), pci);
    if (named.isEmpty()) {
      problems.add(
          new DmarProblem(
              offset,
              "scope-names-nothing",
              Severity.NOTE,
              where + " names no function of this machine",
              "keeps a slot that stays empty"));
    } else {
      checkFound(offset, where, scope, named.get(), problems);
    }
  }

  private static void checkFound(
      int offset,
      String where,
      DeviceScope scope,
      ScopeNames.Named named,
      ImmutableList.Builder<DmarProblem> problems) {
    if (named.bySecondaryBus()) {
      problems.add(
          new DmarProblem(
              offset,
              "scope-by-secondary-bus",
              Severity.WARNING,
              where + " starts from the device's own bus and not from a root bus",
              "DMAR: [Firmware Bug]: RMRR entry for device ... is broken - applying workaround"));
    }
    if (!named.typeFits()) {
      problems.add(
          new DmarProblem(
              offset,
              "scope-type-mismatch",
              Severity.ERROR,
              where + " says " + scope.typeTitle() + ", " + named.device() + " is not",
              "DMAR: Device scope type does not match for "
                  + named.device()
                  + "; VT-d does not start"));
    }
  }
}

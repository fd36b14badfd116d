package org.iommu4j.vtd.dmar;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.iommu4j.vtd.dmar.DmarProblem.Severity;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;

/** Checks the device scopes of a table. */
final class ScopeChecks {
  private final List<DmarProblem> problems = new ArrayList<>();
  private final Set<Integer> named = new HashSet<>();
  private final Set<Integer> scoped = new HashSet<>();

  private ScopeChecks() {}

  static List<DmarProblem> check(DmarTable table) {
    ScopeChecks checks = new ScopeChecks();
    for (DmarStructure structure : table.structures()) {
      if (structure instanceof Andd andd) {
        checks.named.add(andd.deviceNumber());
      } else if (structure instanceof Drhd) {
        structure.scopes().stream()
            .filter(scope -> scope.type() == ScopeType.NAMESPACE.code())
            .forEach(scope -> checks.scoped.add(scope.enumerationId()));
      }
    }
    for (DmarEntry entry : table.entries()) {
      int at = firstScope(entry);
      for (DeviceScope scope : entry.structure().scopes()) {
        checks.scope(at, entry.structure().title() + " scope " + scope.pathText(), scope);
        at += scope.sizeBytes();
      }
      if (entry.structure() instanceof Andd andd && !checks.scoped.contains(andd.deviceNumber())) {
        checks.nameWithoutScope(entry.offset(), andd);
      }
    }
    return checks.problems;
  }

  // Where scopes are broken the places of later ones are lost; what is said of them stays right.
  private static int firstScope(DmarEntry entry) {
    return entry.offset()
        + entry.length()
        - entry.structure().scopes().stream().mapToInt(DeviceScope::sizeBytes).sum();
  }

  private void nameWithoutScope(int offset, Andd andd) {
    add(
        offset + 7,
        "name-without-scope",
        Severity.WARNING,
        "no unit has namespace device " + andd.deviceNumber() + " in its scopes",
        "warns if the namespace has the name; the device is translated by no unit");
  }

  private void scope(int offset, String where, DeviceScope scope) {
    ScopeType type = ScopeType.ofCode(scope.type()).orElse(null);
    if (type == null) {
      add(
          offset,
          "scope-type-unknown",
          Severity.WARNING,
          where + " has type " + scope.type(),
          "DMAR: Unsupported device scope; goes on");
      return;
    }
    if (type == ScopeType.NAMESPACE && !named.contains(scope.enumerationId())) {
      add(
          offset,
          "scope-without-name",
          Severity.WARNING,
          where + " is namespace device " + scope.enumerationId() + ", which no ANDD names",
          "keeps a slot that stays empty");
    }
    path(offset, where, scope);
  }

  private void path(int offset, String where, DeviceScope scope) {
    if (scope.path().isEmpty()) {
      add(offset, "scope-without-path", Severity.WARNING, where + " has no hop", "matches nothing");
    }
    if (scope.path().stream().anyMatch(hop -> hop.device() > 0x1f || hop.function() > 7)) {
      add(
          offset,
          "scope-hop-out-of-range",
          Severity.WARNING,
          where + " has a hop that PCI has no number for",
          "matches nothing");
    }
  }

  private void add(int offset, String rule, Severity severity, String detail, String verdict) {
    problems.add(new DmarProblem(offset, rule, severity, detail, verdict));
  }
}

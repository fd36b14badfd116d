package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.jspecify.annotations.Nullable;

/**
 * What differs between two boots of one machine. Immutable.
 *
 * @param machine what differs for the machine as a whole
 * @param devices the devices that differ, those that differ alike together
 * @param sameCount how many devices do not differ
 */
public record ReportDiff(Subject machine, ImmutableList<Subject> devices, int sameCount) {
  private static final Subject NO_CHANGE =
      new Subject(ImmutableList.of(), ImmutableList.of(), ImmutableList.of());

  /**
   * Something that differs, or does not.
   *
   * @param devices the devices as the second boot has them; none for the machine itself
   * @param changes what is different
   * @param reasons the decisions that came out differently
   */
  public record Subject(
      ImmutableList<DeviceReport> devices,
      ImmutableList<Change> changes,
      ImmutableList<Reason> reasons) {
    private Subject of(List<DeviceReport> changed) {
      return new Subject(ImmutableList.copyOf(changed), changes, reasons);
    }
  }

  /** One value that differs, as the two boots have it. */
  public record Change(String what, String before, String after) {}

  /** A decision that came out differently; null where only one boot came to it. */
  public record Reason(@Nullable Decision before, @Nullable Decision after) {}

  /** Compares two boots of one machine. */
  public static ReportDiff between(BootReport before, BootReport after) {
    Map<Subject, List<DeviceReport>> changed = new LinkedHashMap<>();
    int same = 0;
    for (DeviceReport device : after.devices()) {
      Optional<DeviceReport> other = before.device(device.address());
      Subject how = other.map(o -> device(before, o, after, device)).orElse(NO_CHANGE);
      if (how.changes().isEmpty()) {
        same++;
      } else {
        changed.computeIfAbsent(how, key -> new ArrayList<>()).add(device);
      }
    }
    ImmutableList.Builder<Subject> subjects = ImmutableList.builder();
    changed.forEach((how, devices) -> subjects.add(how.of(devices)));
    return new ReportDiff(machine(before, after), subjects.build(), same);
  }

  /** Returns whether the two boots end alike. */
  public boolean isEmpty() {
    return machine.changes().isEmpty() && devices.isEmpty();
  }

  private static Subject machine(BootReport before, BootReport after) {
    List<Change> changes = new ArrayList<>();
    add(changes, "IOMMU", Header.iommu(before), Header.iommu(after));
    add(changes, "swiotlb", Header.swiotlb(before), Header.swiotlb(after));
    return new Subject(
        ImmutableList.of(),
        ImmutableList.copyOf(changes),
        reasons(before.decisions(), after.decisions()));
  }

  private static Subject device(
      BootReport reportBefore, DeviceReport before, BootReport reportAfter, DeviceReport after) {
    List<Change> changes = new ArrayList<>();
    add(changes, "group", Words.group(before.group()), Words.group(after.group()));
    add(
        changes,
        "domain",
        Words.domain(reportBefore, before.domainType()),
        Words.domain(reportAfter, after.domainType()));
    add(changes, "ops", Words.ops(before.dmaOps()), Words.ops(after.dmaOps()));
    add(changes, "trust", Words.trust(before.untrusted()), Words.trust(after.untrusted()));
    add(changes, "reserved", regions(reportBefore, before), regions(reportAfter, after));
    return new Subject(
        ImmutableList.of(),
        ImmutableList.copyOf(changes),
        reasons(before.decisions(), after.decisions()));
  }

  private static void add(List<Change> changes, String what, String before, String after) {
    if (!before.equals(after)) {
      changes.add(new Change(what, before, after));
    }
  }

  private static String regions(BootReport report, DeviceReport device) {
    List<String> words = new ArrayList<>();
    for (GroupReport group : report.groups()) {
      if (Objects.equals(group.id(), device.group())) {
        for (ReservedRegion region : group.reservedRegions()) {
          words.add(Words.region(region));
        }
      }
    }
    return words.isEmpty() ? Words.NONE : String.join(", ", words);
  }

  private static ImmutableList<Reason> reasons(List<Decision> before, List<Decision> after) {
    ImmutableList.Builder<Reason> reasons = ImmutableList.builder();
    for (Decision decision : after) {
      Decision other = byRule(before, decision.rule());
      if (other == null || !other.outcome().equals(decision.outcome())) {
        reasons.add(new Reason(other, decision));
      }
    }
    for (Decision decision : before) {
      if (byRule(after, decision.rule()) == null) {
        reasons.add(new Reason(decision, null));
      }
    }
    return reasons.build();
  }

  private static @Nullable Decision byRule(List<Decision> decisions, Rule rule) {
    for (Decision decision : decisions) {
      if (decision.rule().equals(rule)) {
        return decision;
      }
    }
    return null;
  }
}

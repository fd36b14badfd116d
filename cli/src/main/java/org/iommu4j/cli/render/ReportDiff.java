package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * What differs between two boots of one machine. Immutable.
 *
 * @param machine what differs for the machine as a whole
 * @param devices the devices that differ, those that differ alike together
 * @param sameCount how many devices do not differ
 * @param groups the groups that only one boot has, by members
 * @param log the lines that only one boot prints
 */
public record ReportDiff(
    Subject machine, ImmutableList<Subject> devices, int sameCount, ListDiff groups, ListDiff log) {
  /**
   * Something that differs, or does not.
   *
   * @param devices the devices as the last boot has them; none for the machine itself
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

  /**
   * A value that a boot has.
   *
   * @param by the release that brought it; null if no release did
   */
  public record Value(String text, @Nullable String by) {}

  /**
   * One thing that differs.
   *
   * @param values how it went: that of the first boot, and what became of it
   */
  public record Change(String what, ImmutableList<Value> values) {}

  /**
   * A decision that came out differently; null where only one boot came to it.
   *
   * @param by the release that brought it; null if no release did
   */
  public record Reason(@Nullable Decision before, @Nullable Decision after, @Nullable String by) {}

  /**
   * Compares boots of one machine.
   *
   * @param sides the boot before, those of the releases between, if there are any, and the one
   *     after
   */
  public static ReportDiff between(List<BootSide> sides) {
    Map<Subject, List<DeviceReport>> changed = new LinkedHashMap<>();
    int same = 0;
    for (DeviceReport device : last(sides).report().devices()) {
      Subject how = device(sides, device.address());
      if (how.changes().isEmpty()) {
        same++;
      } else {
        changed.computeIfAbsent(how, key -> new ArrayList<>()).add(device);
      }
    }
    ImmutableList.Builder<Subject> subjects = ImmutableList.builder();
    changed.forEach((how, devices) -> subjects.add(how.of(devices)));
    return new ReportDiff(
        machine(sides), subjects.build(), same, ListDiff.ofGroups(sides), ListDiff.ofLogs(sides));
  }

  /** Returns whether the boots end alike. */
  public boolean isEmpty() {
    return machine.changes().isEmpty() && devices.isEmpty() && groups.isEmpty() && log.isEmpty();
  }

  private static BootSide last(List<BootSide> sides) {
    return Iterables.getLast(sides);
  }

  private static Subject machine(List<BootSide> sides) {
    return subject(sides, MachineAspect.values(), side -> side, side -> side.report().decisions());
  }

  private static Subject device(List<BootSide> sides, PciAddress address) {
    return subject(
        sides,
        DeviceAspect.values(),
        side -> new DeviceAspect.Scene(side, side.report().device(address).orElseThrow()),
        side -> side.report().device(address).orElseThrow().decisions());
  }

  /** Something of a machine or a device that is compared. */
  interface Aspect<T> {
    /** Returns what it is called. */
    String what();

    /** Returns its value in words. */
    String of(T scene);
  }

  private static <T> Subject subject(
      List<BootSide> sides,
      Aspect<T>[] aspects,
      Function<BootSide, T> scene,
      Function<BootSide, List<Decision>> decisions) {
    ImmutableList.Builder<Change> changes = ImmutableList.builder();
    for (Aspect<T> aspect : aspects) {
      ImmutableList<Value> values = values(sides, side -> aspect.of(scene.apply(side)));
      if (!values.get(0).text().equals(Iterables.getLast(values).text())) {
        changes.add(new Change(aspect.what(), values));
      }
    }
    return new Subject(ImmutableList.of(), changes.build(), reasons(sides, decisions));
  }

  private static ImmutableList<Value> values(
      List<BootSide> sides, Function<BootSide, String> aspect) {
    ImmutableList.Builder<Value> values = ImmutableList.builder();
    String now = "";
    for (int i = 0; i < sides.size(); i++) {
      String next = aspect.apply(sides.get(i));
      if (i == 0 || !next.equals(now)) {
        values.add(new Value(next, i == 0 ? null : by(sides, i)));
      }
      now = next;
    }
    return values.build();
  }

  /** Returns the release that brings what the boot at this place is the first to have. */
  static @Nullable String by(List<BootSide> sides, int index) {
    String series = sides.get(index).series();
    return series.equals(sides.get(index - 1).series()) ? null : series;
  }

  private static ImmutableList<Reason> reasons(
      List<BootSide> sides, Function<BootSide, List<Decision>> decisions) {
    List<Decision> before = decisions.apply(sides.get(0));
    List<Decision> after = decisions.apply(last(sides));
    ImmutableList.Builder<Reason> reasons = ImmutableList.builder();
    for (Decision decision : after) {
      Decision other = byRule(before, decision.rule());
      if (other == null || !other.outcome().equals(decision.outcome())) {
        reasons.add(new Reason(other, decision, by(sides, decisions, decision)));
      }
    }
    for (Decision decision : before) {
      if (byRule(after, decision.rule()) == null) {
        int first = sides.size() - 1;
        while (first > 1
            && byRule(decisions.apply(sides.get(first - 1)), decision.rule()) == null) {
          first--;
        }
        reasons.add(new Reason(decision, null, by(sides, first)));
      }
    }
    return reasons.build();
  }

  private static @Nullable String by(
      List<BootSide> sides, Function<BootSide, List<Decision>> decisions, Decision last) {
    int first = sides.size() - 1;
    while (first > 1) {
      Decision earlier = byRule(decisions.apply(sides.get(first - 1)), last.rule());
      if (earlier == null || !earlier.outcome().equals(last.outcome())) {
        break;
      }
      first--;
    }
    return by(sides, first);
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

package org.iommu4j.cli.render;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import com.google.common.collect.Multiset;
import java.util.List;
import java.util.function.Function;
import org.iommu4j.cli.render.ReportDiff.Value;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * What only one of two lists has, each in its own order.
 *
 * @param gone what the first has
 * @param come what the last has
 */
public record ListDiff(ImmutableList<Value> gone, ImmutableList<Value> come) {
  private static final ListDiff NOTHING = new ListDiff(ImmutableList.of(), ImmutableList.of());

  /** Compares the groups of boots by their members, if both have any. */
  static ListDiff ofGroups(List<BootSide> sides) {
    boolean both =
        !sides.get(0).report().groups().isEmpty()
            && !Iterables.getLast(sides).report().groups().isEmpty();
    return both ? of(sides, ListDiff::groups) : NOTHING;
  }

  private static ImmutableList<String> groups(BootReport report) {
    return report.groups().stream()
        .map(GroupReport::devices)
        .map(
            members ->
                Iterables.toString(members.stream().sorted().map(PciAddress::toString).toList()))
        .collect(ImmutableList.toImmutableList());
  }

  /** Compares the kernel's lines; a blank that one leaves at its end is none. */
  static ListDiff ofLogs(List<BootSide> sides) {
    return of(
        sides,
        report ->
            report.log().stream()
                .map(String::stripTrailing)
                .collect(ImmutableList.toImmutableList()));
  }

  /** Compares lists of boots. */
  private static ListDiff of(
      List<BootSide> sides, Function<BootReport, ? extends List<String>> list) {
    List<List<String>> lists =
        ImmutableList.copyOf(
            sides.stream().<List<String>>map(s -> list.apply(s.report())).toList());
    ImmutableList.Builder<Value> gone = ImmutableList.builder();
    for (String text : only(lists.get(0), Iterables.getLast(lists))) {
      gone.add(new Value(text, by(sides, lists, text, false)));
    }
    ImmutableList.Builder<Value> come = ImmutableList.builder();
    for (String text : only(Iterables.getLast(lists), lists.get(0))) {
      come.add(new Value(text, by(sides, lists, text, true)));
    }
    return new ListDiff(gone.build(), come.build());
  }

  private static ImmutableList<String> only(List<String> these, List<String> others) {
    Multiset<String> rest = HashMultiset.create(others);
    return these.stream()
        .filter(text -> !rest.remove(text))
        .collect(ImmutableList.toImmutableList());
  }

  private static @Nullable String by(
      List<BootSide> sides, List<List<String>> lists, String text, boolean there) {
    int first = sides.size() - 1;
    while (first > 1 && lists.get(first - 1).contains(text) == there) {
      first--;
    }
    return ReportDiff.by(sides, first);
  }

  /** Returns whether both lists have the same. */
  boolean isEmpty() {
    return gone.isEmpty() && come.isEmpty();
  }
}

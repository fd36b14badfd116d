package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import java.util.Iterator;
import java.util.stream.Stream;
import org.iommu4j.cli.render.GroupListing.Group;
import org.iommu4j.cli.render.GroupListing.Member;
import org.iommu4j.cli.render.TextTable.Cell;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.DriverBinding;
import org.iommu4j.machine.pci.PciClassNames;

/** The groups of a machine as text: a paragraph a group. */
public final class GroupsText {
  private static final String INDENT = "  ";
  private static final int CLASS_LIMIT = 20;
  private static final int DRIVER_LIMIT = 18;
  private static final int UNLIMITED = Page.WIDTH;

  private final PciNames names;
  private final Palette palette;

  /** Makes a printer with these names and colours. */
  public GroupsText(PciNames names, Palette palette) {
    this.names = names;
    this.palette = palette;
  }

  /** Returns a header, the groups, and what is in none. */
  public ImmutableList<String> lines(Machine machine, BootReport report, GroupListing listing) {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    lines.addAll(Header.lines(report, machine.recordedKernel(), palette));
    Iterator<String> rows = rows(listing).iterator();
    for (Group group : listing.groups()) {
      lines.add("").add(palette.heading("Group " + group.report().id()) + about(report, group));
      group.members().forEach(member -> lines.add(INDENT + rows.next()));
      if (!group.because().isEmpty()) {
        lines.add(INDENT + palette.faint("together because"));
        group.because().forEach(fact -> lines.addAll(Page.wrap("    - ", "      ", fact)));
      }
    }
    if (!listing.outside().isEmpty()) {
      lines.add("").add(palette.heading("In no group"));
      listing.outside().forEach(member -> lines.add(INDENT + rows.next()));
      lines.addAll(whyOutside(listing));
    }
    lines.add("").addAll(summary(listing));
    if (!report.missing().isEmpty()) {
      lines.add("").addAll(Header.missing(report, palette));
    }
    return lines.build();
  }

  private String about(BootReport report, Group group) {
    String words = group.words();
    String coloured = group.isIsolated() ? palette.added(words) : palette.warning(words);
    return ", domain " + Words.domain(report, group.report().type()) + ": " + coloured;
  }

  // One table, so that the columns of all groups are aligned.
  private ImmutableList<String> rows(GroupListing listing) {
    TextTable table =
        new TextTable(
            Page.WIDTH - INDENT.length(), UNLIMITED, CLASS_LIMIT, UNLIMITED, DRIVER_LIMIT);
    Stream.concat(
            listing.groups().stream().flatMap(group -> group.members().stream()),
            listing.outside().stream())
        .forEach(member -> table.add(row(member)));
    return table.lines();
  }

  private Cell[] row(Member member) {
    DeviceReport device = member.report();
    return new Cell[] {
      Cell.of(device.address().toString()),
      Cell.of(PciClassNames.shortOf(device.classCode())),
      Cell.of(Words.ids(device)),
      Cell.of(driver(member.pci().driver())),
      Cell.of(names.name(member.pci()).orElse(""), palette::faint)
    };
  }

  private static String driver(DriverBinding driver) {
    return driver.isKnown() ? driver.name().orElse(Words.NONE) : "?";
  }

  private static ImmutableList<String> whyOutside(GroupListing listing) {
    return listing.outside().stream()
        .map(member -> member.report().summary())
        .distinct()
        .flatMap(reason -> Page.wrap("    - ", "      ", reason).stream())
        .collect(ImmutableList.toImmutableList());
  }

  private static ImmutableList<String> summary(GroupListing listing) {
    long isolated = listing.groups().stream().filter(Group::isIsolated).count();
    boolean unknown =
        Stream.concat(
                listing.groups().stream().flatMap(group -> group.members().stream()),
                listing.outside().stream())
            .anyMatch(member -> !member.pci().driver().isKnown());
    String counts =
        listing.groups().isEmpty()
            ? "There are no groups."
            : Words.count(listing.groups().size(), "group")
                + ", "
                + isolated
                + " of them isolated; "
                + Words.count(listing.outside().size(), "function")
                + " in no group.";
    return unknown
        ? ImmutableList.of(counts, "Which drivers there are is not known (?).")
        : ImmutableList.of(counts);
  }
}

package org.iommu4j.cli.render;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.iommu4j.cli.render.GroupListing.Group;
import org.iommu4j.cli.render.GroupListing.Member;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.machine.pci.PciClassNames;

/** The groups of a machine as JSON, see {@code docs/json.md}. */
public final class GroupsJson {
  private GroupsJson() {}

  /** Returns the groups and what is in none. */
  public static ObjectNode of(BootReport report, GroupListing listing, PciNames names) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("machine", report.machine());
    root.put("kernel", report.release().series());
    root.put("commandLine", report.commandLine());
    root.putObject("iommu").put("enabled", report.iommu().enabled());
    ArrayNode groups = root.putArray("groups");
    for (Group group : listing.groups()) {
      ObjectNode node = groups.addObject();
      node.put("id", group.report().id());
      node.put("type", Words.sysfsName(report, group.report().type()));
      node.put("isolated", group.isIsolated());
      addMembers(node.putArray("devices"), group.members(), names);
      group.because().forEach(node.putArray("because")::add);
    }
    addMembers(root.putArray("ungrouped"), listing.outside(), names);
    return root;
  }

  private static void addMembers(ArrayNode nodes, List<Member> members, PciNames names) {
    for (Member member : members) {
      DeviceReport report = member.report();
      nodes
          .addObject()
          .put("bdf", report.address().toString())
          .put("vendor", Words.id(report.vendorId(), report.vendorId()))
          .put("device", Words.id(report.vendorId(), report.deviceId()))
          .put("class", Words.hex(report.classCode(), 6))
          .put("className", PciClassNames.of(report.classCode()))
          .put("name", names.name(member.pci()).orElse(null))
          .put("driverKnown", member.pci().driver().isKnown())
          .put("driver", member.pci().driver().name().orElse(null))
          .put("summary", report.summary());
    }
  }
}

package org.iommu4j.cli.render;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.domain.ReservedRegion;

/** A boot as JSON. The names are documented in {@code docs/json.md} and do not change. */
public final class ReportJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ReportJson() {}

  /** Returns the report, with these of its devices and their groups. */
  public static ObjectNode of(BootReport report, List<DeviceReport> devices) {
    ObjectNode root = NODES.objectNode();
    root.put("machine", report.machine());
    root.put("kernel", report.release().series());
    root.put("commandLine", report.commandLine());
    root.putObject("iommu")
        .put("enabled", report.iommu().enabled())
        .put("defaultDomainType", Words.sysfsName(report, report.iommu().defaultDomainType()))
        .put("defaultDomainSource", report.iommu().defaultDomainSource())
        .put("strict", report.iommu().strict());
    root.putObject("interrupts").put("remapped", report.interrupts().remapped());
    root.putObject("swiotlb")
        .put("active", report.swiotlb().active())
        .put("bytes", report.swiotlb().sizeBytes());
    ArrayNode deviceNodes = root.putArray("devices");
    devices.forEach(device -> deviceNodes.add(device(report, device)));
    ArrayNode groupNodes = root.putArray("groups");
    report.groups().stream()
        .filter(group -> isGroupOfAny(group, devices))
        .forEach(group -> groupNodes.add(group(report, group)));
    report.log().forEach(root.putArray("log")::add);
    root.set("decisions", decisions(report.decisions()));
    ArrayNode missing = root.putArray("missing");
    report
        .missing()
        .forEach(fact -> missing.addObject().put("fact", fact.fact()).put("effect", fact.effect()));
    return root;
  }

  private static boolean isGroupOfAny(GroupReport group, List<DeviceReport> devices) {
    return devices.stream().anyMatch(device -> group.devices().contains(device.address()));
  }

  private static ObjectNode device(BootReport report, DeviceReport device) {
    ObjectNode node = NODES.objectNode();
    node.put("bdf", device.address().toString());
    node.put("vendor", Words.id(device.vendorId(), device.vendorId()));
    node.put("device", Words.id(device.vendorId(), device.deviceId()));
    node.put("class", Words.hex(device.classCode(), 6));
    node.put("group", device.group());
    node.put("domainType", Words.sysfsName(report, device.domainType()));
    node.put("dmaOps", device.dmaOps());
    node.put("dmaIommu", device.dmaIommu());
    node.put("untrusted", device.untrusted());
    node.put("summary", device.summary());
    node.set("decisions", decisions(device.decisions()));
    return node;
  }

  private static ObjectNode group(BootReport report, GroupReport group) {
    ObjectNode node = NODES.objectNode();
    node.put("id", group.id());
    node.put("type", Words.sysfsName(report, group.type()));
    ArrayNode devices = node.putArray("devices");
    group.devices().forEach(address -> devices.add(address.toString()));
    ArrayNode regions = node.putArray("reservedRegions");
    for (ReservedRegion region : group.reservedRegions()) {
      regions
          .addObject()
          .put("start", "0x" + Long.toHexString(region.first()))
          .put("end", "0x" + Long.toHexString(region.last()))
          .put("type", region.type().sysfsName());
    }
    return node;
  }

  static ArrayNode decisions(List<Decision> decisions) {
    ArrayNode nodes = NODES.arrayNode();
    for (Decision decision : decisions) {
      ObjectNode node = nodes.addObject();
      node.put("rule", decision.rule().name()).put("outcome", decision.outcome());
      decision.because().forEach(node.putArray("because")::add);
      node.put("source", decision.source());
    }
    return nodes;
  }
}

package org.iommu4j.cli.render;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.vfio.assign.Assignment;
import org.iommu4j.vfio.assign.Finding;

/** Whether a device can be handed out, as JSON, see {@code docs/json.md}. */
public final class AssignJson {
  private AssignJson() {}

  /** Returns the verdict and all findings. */
  public static ObjectNode of(BootReport report, Assignment assignment) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("machine", report.machine());
    root.put("kernel", report.release().series());
    root.put("commandLine", report.commandLine());
    root.put("bdf", assignment.device().toString());
    root.put("possible", assignment.isPossible());
    ArrayNode findings = root.putArray("findings");
    for (Finding finding : assignment.findings()) {
      ObjectNode node = findings.addObject();
      node.put("kind", finding.kind().name().toLowerCase(Locale.ROOT));
      node.put("text", finding.text());
      finding.fixes().forEach(node.putArray("fixes")::add);
      node.set("decisions", ReportJson.decisions(finding.decisions()));
    }
    return root;
  }
}

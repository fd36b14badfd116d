package org.iommu4j.cli.render;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import org.iommu4j.evidence.fault.Cause;
import org.iommu4j.evidence.fault.FaultCauses;
import org.iommu4j.evidence.fault.FaultLog;
import org.iommu4j.evidence.fault.FaultScene;
import org.iommu4j.iommu.fault.FaultMessage;
import org.jspecify.annotations.Nullable;

/** Refused requests as JSON, see {@code docs/json.md}. */
public final class FaultJson {
  private FaultJson() {}

  /** Returns all that a text of one line or of many says. */
  public static ObjectNode of(FaultLog log, Optional<FaultScene> scene) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("machine", scene.map(known -> known.machine().name()).orElse(null));
    root.put("lines", log.lines());
    root.put("suppressed", log.suppressed());
    ArrayNode faults = root.putArray("faults");
    log.groups().forEach(group -> add(faults.addObject(), group, scene));
    ArrayNode related = root.putArray("related");
    log.related()
        .forEach(line -> related.addObject().put("says", line.remark()).put("count", line.count()));
    return root;
  }

  private static void add(ObjectNode node, FaultLog.Group group, Optional<FaultScene> scene) {
    FaultMessage fault = group.message();
    node.put("line", Page.printable(group.line()));
    node.put("count", group.count());
    node.put("first", group.firstTime());
    node.put("last", group.lastTime());
    node.put("vendor", fault.vendor());
    node.put("kind", fault.kind().name().toLowerCase(Locale.ROOT));
    node.put("bdf", fault.requester() == null ? null : fault.requester().toString());
    node.put("access", fault.access().name().toLowerCase(Locale.ROOT));
    node.put("pasid", fault.pasid());
    node.put("address", hex(fault.address()));
    node.put("interruptIndex", hex(fault.interruptIndex()));
    node.putObject("addresses")
        .put("count", group.addresses())
        .put("lowest", hex(group.lowest()))
        .put("highest", hex(group.highest()));
    addReason(node, fault.reason());
    node.put("condition", fault.condition().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    fault.remarks().forEach(node.putArray("remarks")::add);
    ArrayNode causes = node.putArray("causes");
    FaultCauses.of(fault, scene).forEach(cause -> add(causes.addObject(), cause));
  }

  private static void addReason(ObjectNode node, FaultMessage.@Nullable Reason reason) {
    if (reason == null) {
      node.putNull("reason");
    } else {
      node.putObject("reason")
          .put("printed", reason.printed())
          .put("code", reason.code())
          .put("meaning", reason.meaning());
    }
  }

  private static void add(ObjectNode node, Cause cause) {
    node.put("cause", cause.name()).put("explanation", cause.explanation());
    cause.speaksFor().forEach(node.putArray("for")::add);
    cause.speaksAgainst().forEach(node.putArray("against")::add);
  }

  private static @Nullable String hex(@Nullable Long value) {
    return value == null ? null : "0x" + Long.toHexString(value);
  }
}

package org.iommu4j.cli.render;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.iommu4j.base.trace.TracedCall;
import org.iommu4j.evidence.path.TracedMapping;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.jspecify.annotations.Nullable;

/** The way of a mapping as JSON. The names are documented in {@code docs/json.md} and stay. */
public final class PathJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private PathJson() {}

  /** Returns what was mapped, and the calls. */
  public static ObjectNode of(BootReport report, DeviceReport device, TracedMapping traced) {
    ObjectNode root = NODES.objectNode();
    root.put("machine", report.machine());
    root.put("kernel", report.release().series());
    root.put("commandLine", report.commandLine());
    root.putObject("device")
        .put("bdf", device.address().toString())
        .put("group", device.group())
        .put("domainType", Words.sysfsName(report, device.domainType()))
        .put("dmaOps", device.dmaOps())
        .put("dmaIommu", device.dmaIommu())
        .put("untrusted", device.untrusted());
    root.putObject("buffer")
        .put("phys", hex(traced.bufferPhys()))
        .put("bytes", traced.request().sizeBytes())
        .put("direction", traced.request().direction().kernelName())
        .put("maskBits", traced.request().maskBits())
        .put("setMask", traced.maskResult());
    root.put("dmaAddr", traced.failed() ? null : hex(traced.dmaAddr()));
    root.put("seenPhys", traced.failed() ? null : hex(traced.seenPhys()));
    root.put("failedIn", traced.failed() ? traced.map().get(0).cause().function() : null);
    root.set("map", calls(traced.map()));
    root.set("unmap", calls(traced.unmap()));
    root.set("flush", calls(traced.flush()));
    root.putObject("deviceReaches")
        .put("mapped", traced.reach().mapped())
        .put("unmapped", traced.reach().unmapped())
        .put("flushed", traced.reach().flushed());
    traced.log().forEach(root.putArray("log")::add);
    return root;
  }

  private static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }

  private static ArrayNode calls(List<TracedCall> calls) {
    ArrayNode nodes = NODES.arrayNode();
    for (TracedCall call : calls) {
      ObjectNode node = nodes.addObject();
      node.put("function", call.function()).put("file", call.file());
      ObjectNode arguments = node.putObject("arguments");
      call.arguments().forEach((name, value) -> put(arguments, name, value));
      put(node, "answer", call.answer());
      node.put("failed", call.failed());
      node.set("calls", calls(call.calls()));
    }
    return nodes;
  }

  private static void put(ObjectNode node, String name, @Nullable Object value) {
    if (value instanceof Long number) {
      node.put(name, number);
    } else if (value instanceof Integer number) {
      node.put(name, number);
    } else if (value instanceof Boolean truth) {
      node.put(name, truth);
    } else {
      node.put(name, value == null ? null : value.toString());
    }
  }
}

package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.iommu4j.base.Release;
import org.iommu4j.base.trace.TracedCall;
import org.iommu4j.evidence.path.TracedMapping;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;

/** The way of a mapping through the kernel, as text: calls within calls, under their files. */
public final class PathText {
  private static final String STEP = "  ";

  private final BootReport report;
  private final Release recorded;
  private final Palette palette;
  private final ImmutableList.Builder<String> lines = ImmutableList.builder();
  private String file = "";

  /**
   * Makes a printer, to be used once.
   *
   * @param recorded the release that the facts were read under
   */
  public PathText(BootReport report, Release recorded, Palette palette) {
    this.report = report;
    this.recorded = recorded;
    this.palette = palette;
  }

  /** Returns the whole page. */
  public ImmutableList<String> lines(DeviceReport device, PciNames names, TracedMapping traced) {
    lines.addAll(Header.lines(report, recorded, palette)).add("");
    ExplainText.title(device, names).forEach(line -> lines.add(palette.heading(line)));
    lines.add(STEP + ExplainText.state(report, device));
    buffer(traced);
    section("map", traced.map());
    if (traced.failed()) {
      failure(traced.map().get(0).cause());
    } else {
      outcome(traced);
      section("unmap", traced.unmap());
      reach("unmapped", traced.reach().unmapped());
      if (!traced.flush().isEmpty()) {
        section("10 ms later", traced.flush());
        reach("flushed", traced.reach().flushed());
      }
    }
    if (!traced.log().isEmpty()) {
      lines.add("", palette.heading("the kernel's log"));
      traced.log().forEach(line -> lines.addAll(Page.wrap(STEP, STEP + STEP, line)));
    }
    return lines.build();
  }

  private void buffer(TracedMapping traced) {
    TracedMapping.Request request = traced.request();
    String text =
        String.format(
            "%d bytes at 0x%x, %s, mask of %d bits",
            request.sizeBytes(),
            traced.bufferPhys(),
            request.direction().kernelName(),
            request.maskBits());
    lines.addAll(Page.wrap(STEP + "buffer: ", STEP, text));
    if (traced.maskResult() != 0) {
      String refused = "dma_set_mask: " + traced.maskResult() + ", the device cannot be served";
      lines.add(STEP + palette.warning(refused + "; it keeps 32 bits"));
    }
  }

  private void section(String name, List<TracedCall> calls) {
    lines.add("", palette.heading(name));
    file = "";
    calls.forEach(call -> add(call, STEP));
  }

  private void add(TracedCall call, String indent) {
    if (!call.file().equals(file)) {
      file = call.file();
      lines.add(palette.faint(file));
    }
    String arguments =
        call.arguments().entrySet().stream()
            .map(PathText::argument)
            .collect(Collectors.joining(", ", "(", ")"));
    String answer = call.answer() == null ? "" : " = " + call.answer();
    String rest = indent + STEP + STEP;
    for (String line : Page.wrap(indent, rest, call.function() + arguments + answer)) {
      lines.add(call.failed() ? palette.removed(line) : line);
    }
    call.calls().forEach(inner -> add(inner, indent + STEP));
  }

  private static String argument(Map.Entry<String, Object> argument) {
    return argument.getKey() + "=" + argument.getValue();
  }

  private void failure(TracedCall cause) {
    String text = cause.function() + " failed (" + cause.file() + ")";
    lines.add("", palette.removed("no mapping: " + text));
  }

  private void outcome(TracedMapping traced) {
    String memory =
        traced.seenPhys() == traced.bufferPhys()
            ? "the buffer"
            : String.format("a bounce slot, 0x%x", traced.seenPhys());
    lines.add(String.format("the device sees %s at 0x%x", memory, traced.dmaAddr()));
  }

  private void reach(String when, boolean reaches) {
    String text = when + ": the device " + (reaches ? "still reaches" : "no longer reaches");
    lines.add(reaches ? palette.warning(text + " memory there") : text + " memory there");
  }
}

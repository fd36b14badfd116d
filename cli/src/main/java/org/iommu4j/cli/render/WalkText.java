package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.iommu.spi.TableWalk.Entry;
import org.iommu4j.iommu.spi.TableWalk.Field;
import org.iommu4j.iommu.spi.TableWalk.Outcome;
import org.iommu4j.iommu.spi.TableWalk.Word;

/** How an address is translated, in text. */
public final class WalkText {
  private static final int LABEL_WIDTH = 14;

  private final Palette palette;

  /**
   * What was asked.
   *
   * @param place the machine or the dump
   * @param device the device, if it is one of a machine
   * @param iova the address
   */
  public record Asked(String place, Optional<Function> device, long iova) {}

  /**
   * A device of a machine.
   *
   * @param report the machine's boot
   * @param decided what was decided for the device
   */
  public record Function(BootReport report, DeviceReport decided) {
    String state() {
      return decided.address() + ": " + ExplainText.state(report, decided);
    }
  }

  /** Makes a renderer with these colours. */
  public WalkText(Palette palette) {
    this.palette = palette;
  }

  /** Returns the question, the entries from the root on, and what becomes of an access. */
  public ImmutableList<String> lines(Asked asked, TableWalk walk) {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    add(lines, asked.device().isPresent() ? "machine" : "memory", asked.place());
    asked.device().ifPresent(device -> add(lines, "device", device.state()));
    add(lines, "address", "0x" + Long.toHexString(asked.iova()));
    lines.add("");
    walk.entries().forEach(entry -> add(lines, entry));
    if (!walk.entries().isEmpty()) {
      lines.add("");
    }
    walk.notes().forEach(note -> add(lines, "note", note));
    add(lines, "read", outcome(walk.read()));
    add(lines, "write", outcome(walk.write()));
    return lines.build();
  }

  private void add(ImmutableList.Builder<String> lines, String label, String text) {
    lines.addAll(Page.labelled(label, LABEL_WIDTH, text, palette));
  }

  private void add(ImmutableList.Builder<String> lines, Entry entry) {
    lines.add(palette.heading(entry.name()) + String.format(", at 0x%x", entry.phys()));
    for (Word word : entry.words()) {
      StringBuilder fields = new StringBuilder();
      word.fields().forEach(field -> fields.append(' ').append(text(field)));
      String bits = String.format("  0x%016x ", word.bits());
      lines.addAll(Page.wrap(bits, " ".repeat(bits.length()), fields.toString()));
    }
    lines.addAll(Page.wrap("  leads to ", " ".repeat(11), entry.leadsTo()));
  }

  private static String text(Field field) {
    String value =
        field.value() < 0 || field.value() > 9
            ? "0x" + Long.toHexString(field.value())
            : Long.toString(field.value());
    return field.name()
        + "="
        + value
        + (field.meaning().isEmpty() ? "" : " (" + field.meaning() + ")");
  }

  private String outcome(Outcome outcome) {
    Long phys = outcome.phys();
    if (phys != null) {
      return palette.added(String.format("0x%x", phys)) + ", " + outcome.words();
    }
    Integer reason = outcome.faultReason();
    return reason == null
        ? palette.warning(outcome.words())
        : palette.removed(String.format("fault 0x%02x: %s", reason, outcome.words()));
  }
}

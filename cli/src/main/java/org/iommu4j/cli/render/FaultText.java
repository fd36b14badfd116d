package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.iommu4j.evidence.fault.Cause;
import org.iommu4j.evidence.fault.FaultCauses;
import org.iommu4j.evidence.fault.FaultLog;
import org.iommu4j.evidence.fault.FaultScene;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.iommu.fault.FaultMessage.Access;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciClassNames;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/** Refused requests as text: a paragraph for each kind, with its causes. */
public final class FaultText {
  private static final int LABEL_WIDTH = 10;

  private final Optional<FaultScene> scene;
  private final PciNames names;
  private final Palette palette;

  /**
   * Makes a printer.
   *
   * @param scene the machine, if it is known
   */
  public FaultText(Optional<FaultScene> scene, PciNames names, Palette palette) {
    this.scene = scene;
    this.names = names;
    this.palette = palette;
  }

  /** Returns all that a text of one line or of many says. */
  public ImmutableList<String> lines(FaultLog log, boolean wholeLog) {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    if (wholeLog) {
      lines.add(summary(log));
    }
    boolean first = !wholeLog;
    for (FaultLog.Group group : log.groups()) {
      if (!first) {
        lines.add("");
      }
      first = false;
      addGroup(lines, group, wholeLog);
    }
    if (!log.related().isEmpty()) {
      if (!first) {
        lines.add("");
      }
      lines.add(palette.heading(log.groups().isEmpty() ? "It says:" : "Beside these:"));
      for (FaultLog.Related related : log.related()) {
        String times = related.count() > 1 ? related.count() + " times: " : "";
        lines.addAll(Page.wrap("  - ", "    ", times + related.remark()));
      }
    }
    return lines.build();
  }

  private static String summary(FaultLog log) {
    int messages = log.groups().stream().mapToInt(FaultLog.Group::count).sum();
    String found =
        messages == 0
            ? "No request was refused in "
            : Words.count(messages, "message")
                + " of "
                + Words.count(log.groups().size(), "kind")
                + " in ";
    String suppressed =
        log.suppressed() == 0
            ? ""
            : "; the kernel held back " + log.suppressed() + " more (callbacks suppressed)";
    return found + Words.count(log.lines(), "line") + suppressed + ".";
  }

  private void addGroup(
      ImmutableList.Builder<String> lines, FaultLog.Group group, boolean wholeLog) {
    FaultMessage fault = group.message();
    if (wholeLog) {
      Page.wrap("", "    ", group.line()).forEach(line -> lines.add(palette.faint(line)));
      add(lines, "seen", seen(group));
    }
    PciAddress requester = fault.requester();
    if (requester != null) {
      add(lines, "device", device(requester));
    }
    if (fault.isRefusal()) {
      add(lines, "tried", tried(fault, group));
    }
    FaultMessage.Reason reason = fault.reason();
    if (reason != null) {
      add(lines, "reason", reason.printed() + ": " + reason.meaning());
    }
    add(lines, "said by", fault.vendor());
    fault.remarks().forEach(remark -> lines.addAll(Page.wrap("  - ", "    ", remark)));
    addCauses(lines, FaultCauses.of(fault, scene));
  }

  private void addCauses(ImmutableList.Builder<String> lines, ImmutableList<Cause> causes) {
    if (causes.isEmpty()) {
      return;
    }
    lines.add(palette.heading("Likely causes, the most likely first:"));
    int number = 1;
    for (Cause cause : causes) {
      String start = "  " + number++ + ". ";
      lines.addAll(
          Page.wrap(start, " ".repeat(start.length()), cause.name() + ": " + cause.explanation()));
      cause
          .speaksFor()
          .forEach(fact -> lines.addAll(coloured(Page.wrap("     + ", "       ", fact), true)));
      cause
          .speaksAgainst()
          .forEach(fact -> lines.addAll(coloured(Page.wrap("     - ", "       ", fact), false)));
    }
  }

  private ImmutableList<String> coloured(ImmutableList<String> lines, boolean pro) {
    return lines.stream()
        .map(line -> pro ? palette.added(line) : palette.removed(line))
        .collect(ImmutableList.toImmutableList());
  }

  private void add(ImmutableList.Builder<String> lines, String label, String text) {
    lines.addAll(Page.labelled(label, LABEL_WIDTH, text, palette));
  }

  private String device(PciAddress requester) {
    if (scene.isEmpty()) {
      return requester.toString();
    }
    Optional<PciDevice> found = scene.get().function(requester);
    return found
        .map(
            pci ->
                requester
                    + " "
                    + PciClassNames.of(pci.classCode())
                    + names.name(pci).map(name -> ": " + name).orElse("")
                    + " "
                    + Words.ids(pci.vendorId(), pci.deviceId())
                    + pci.driver().name().map(name -> ", driver " + name).orElse(""))
        .orElseGet(() -> requester + ", which is no function of " + scene.get().machine());
  }

  private static String tried(FaultMessage fault, FaultLog.Group group) {
    String pasid = fault.pasid() == null ? "" : String.format(", with PASID 0x%x", fault.pasid());
    if (fault.kind() == FaultMessage.Kind.INTERRUPT) {
      return "an interrupt"
          + (fault.interruptIndex() == null
              ? fault.address() == null ? "" : " by a write to " + hex(fault.address())
              : " through entry " + hex(fault.interruptIndex()) + " of the remapping table")
          + pasid;
    }
    String what =
        fault.access() == Access.READ
            ? "to read at "
            : fault.access() == Access.WRITE ? "to write at " : "something at ";
    return what
        + (fault.address() == null ? "an address that the line does not tell" : addresses(group))
        + pasid;
  }

  private static String addresses(FaultLog.Group group) {
    if (group.addresses() <= 1) {
      return "I/O address " + hex(group.lowest());
    }
    return group.addresses()
        + " I/O addresses, "
        + hex(group.lowest())
        + " to "
        + hex(group.highest());
  }

  private static String hex(@Nullable Long address) {
    return address == null ? "(none)" : "0x" + Long.toHexString(address);
  }

  private static String seen(FaultLog.Group group) {
    String times = group.count() == 1 ? "once" : group.count() + " times";
    String first = group.firstTime();
    String last = group.lastTime();
    if (first == null) {
      return times;
    }
    return group.count() == 1 ? times + ", at " + first : times + ", from " + first + " to " + last;
  }
}

package org.iommu4j.cli;

import com.google.common.base.Joiner;
import org.iommu4j.base.Distribution;
import org.iommu4j.iommu.release.history.ReleaseChoice;
import org.iommu4j.iommu.release.history.ReleaseChoice.Certainty;
import org.iommu4j.machine.Machine;

/** What there is to say where the rules that decide are not surely those of a machine's kernel. */
final class ReleaseNotes {
  private static final Joiner LIST = Joiner.on(", ");

  private ReleaseNotes() {}

  /** Says whose rules decide; nothing if they are the machine's own release's. */
  static void print(Machine machine, Console console) {
    ReleaseChoice choice = ReleaseChoice.of(machine.kernel());
    if (choice.certainty() != Certainty.EXACT) {
      console.note(text(machine.name(), choice));
    }
  }

  private static String text(String machine, ReleaseChoice choice) {
    String series = choice.rules().release().series();
    StringBuilder text = new StringBuilder();
    text.append(machine).append(" ran Linux ").append(choice.ran());
    if (choice.certainty() == Certainty.OWN_BUILD) {
      text.append(", a build of ")
          .append(builder(choice.builder()))
          .append(": its number does not tell which later changes were brought back to it");
    }
    text.append("; what follows is what Linux ").append(series).append(" decides");
    if (!choice.isSeriesModelled()) {
      text.append(", the nearest that is mirrored");
    }
    if (!choice.dated().isEmpty()) {
      text.append("; of ")
          .append(choice.ran().series())
          .append(" itself are ")
          .append(LIST.join(choice.dated().stream().map(ReleaseNotes::rule).iterator()));
    }
    return text.toString();
  }

  private static String rule(String name) {
    return switch (name) {
      case "parameters" -> "the boot parameters";
      case "quirks" -> "the quirks of PCI functions";
      case "quirks.trust" -> "the rule whom to trust";
      case "detection.askedPoolEndsSearch" -> "the order of detection";
      case "swiotlb.areas" -> "the areas of the bounce pool";
      case "dispatch.syncing" -> "the rule when to sync";
      case "dma.opsSymbol" -> "the name of the DMA operations";
      default -> name;
    };
  }

  private static String builder(Distribution distribution) {
    return switch (distribution) {
      case PROXMOX -> "Proxmox";
      case ENTERPRISE_LINUX -> "Red Hat, or after theirs";
      case UBUNTU -> "Ubuntu";
      case SUSE -> "SUSE";
      case DEBIAN -> "Debian";
      case UPSTREAM -> "its own";
    };
  }
}

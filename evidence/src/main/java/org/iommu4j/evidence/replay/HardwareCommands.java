package org.iommu4j.evidence.replay;

import java.util.List;
import java.util.Locale;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.HardwareEntry.Stage;
import org.iommu4j.iommu.spi.IommuDomain;
import org.jspecify.annotations.Nullable;

/** The commands on what the hardware was told: {@code dump hw}. Not thread-safe. */
final class HardwareCommands {
  private final ReplayState state;

  HardwareCommands(ReplayState state) {
    this.state = state;
  }

  /** {@code dump}: the table that the hardware walks for the current device. */
  void dump(List<String> lines) {
    if (state.domain().isEmpty()) {
      return;
    }
    @Nullable HardwareEntry entry = state.system().hardwareEntry(state.address()).orElse(null);
    if (entry == null) {
      lines.add("  pte none");
      return;
    }
    LeafRuns runs = new LeafRuns(lines);
    entry.leaves().visit(runs);
    runs.end();
  }

  /** {@code hw}. */
  String hw() {
    return state
        .system()
        .hardwareEntry(state.address())
        .map(this::hw)
        .orElse("mode=none table=none levels=0 did=0 same=unknown");
  }

  private String hw(HardwareEntry entry) {
    return String.format(
        "mode=%s table=%s levels=%d did=%d same=%s",
        entry.mode().name().toLowerCase(Locale.ROOT),
        table(entry.stage()),
        entry.levels(),
        entry.domainId(),
        same(entry));
  }

  private static String table(Stage stage) {
    return switch (stage) {
      case NONE -> "pass";
      case FIRST -> "first";
      case SECOND -> "second";
    };
  }

  private String same(HardwareEntry entry) {
    @Nullable IommuDomain domain = state.domain().orElse(null);
    if (domain == null || entry.stage() == Stage.NONE || !isPaging(domain.type())) {
      return "unknown";
    }
    return domain.isWalkedBy(entry) ? "yes" : "no";
  }

  // include/linux/iommu.h:__IOMMU_DOMAIN_PAGING
  private static boolean isPaging(DomainType type) {
    return type == DomainType.UNMANAGED || type.isDmaApi();
  }
}

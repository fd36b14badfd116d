package org.iommu4j.evidence.replay;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.jspecify.annotations.Nullable;

/**
 * The commands on domains of the script's own: {@code dnew dattach ddetach ddel dmap dunmap dxlate
 * ddump}. Not thread-safe.
 */
final class DomainCommands {
  private static final int DOMAINS = 64;

  private final ReplayState state;
  private final Map<Integer, IommuDomain> domains = new HashMap<>();

  DomainCommands(ReplayState state) {
    this.state = state;
  }

  private IommuApi iommu() {
    return state.system().iommu();
  }

  private static int id(TranscriptCommand command) {
    return (int) Long.remainderUnsigned(command.number(1), DOMAINS);
  }

  private IommuDomain domain(TranscriptCommand command) {
    IommuDomain domain = domains.get(id(command));
    if (domain == null) {
      throw command.bad("a domain is made with dnew before it is used");
    }
    return domain;
  }

  private IommuGroup group(TranscriptCommand command) {
    return iommu()
        .group(state.address())
        .orElseThrow(() -> command.bad("no kernel survives it: the device has no group"));
  }

  /** Runs one of the commands that answer in one line. */
  String run(TranscriptCommand command) {
    try {
      return switch (command.word(0)) {
        case "dnew" -> dnew(command);
        case "dattach" -> "ret=" + iommu().attachGroup(domain(command), group(command));
        case "ddetach" -> ddetach(command);
        case "ddel" -> ddel(command);
        case "dmap" -> dmap(command);
        case "dunmap" -> dunmap(command);
        default -> dxlate(command);
      };
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw command.bad("no kernel survives it: " + e.getMessage());
    }
  }

  /** {@code dnew D}. */
  private String dnew(TranscriptCommand command) {
    @Nullable IommuDomain domain = iommu().domainAlloc();
    if (domain == null) {
      domains.remove(id(command));
      return "error=nomem";
    }
    domains.put(id(command), domain);
    DomainGeometry geometry = iommu().geometry(domain);
    return String.format(
        "type=%d pgsizes=0x%x aperture=0x%x-0x%x",
        state.system().rules().domainTypes().number(domain.type()),
        domain.pageSizes(),
        geometry.firstIova(),
        geometry.lastIova());
  }

  /** {@code ddetach D}, of a domain that need not be there any more: the group's default counts. */
  private String ddetach(TranscriptCommand command) {
    IommuGroup group = group(command);
    IommuDomain named = domains.get(id(command));
    IommuDomain domain = named == null ? group.domain().orElse(null) : named;
    if (domain != null) {
      iommu().detachGroup(domain, group);
    }
    return "ok";
  }

  /** {@code ddel D}. */
  private String ddel(TranscriptCommand command) {
    iommu().domainFree(domain(command));
    domains.remove(id(command));
    return "ok";
  }

  /** {@code dmap D IOVA PHYS SIZE PROT}. */
  private String dmap(TranscriptCommand command) {
    int error =
        iommu()
            .map(
                domain(command),
                command.number(2),
                command.number(3),
                command.number(4),
                (int) command.number(5));
    return "ret=" + error;
  }

  /** {@code dunmap D IOVA SIZE}. */
  private String dunmap(TranscriptCommand command) {
    return String.format(
        "size=0x%x", iommu().unmap(domain(command), command.number(2), command.number(3)));
  }

  /** {@code dxlate D IOVA}. */
  private String dxlate(TranscriptCommand command) {
    return String.format("phys=0x%x", iommu().iovaToPhys(domain(command), command.number(2)));
  }

  /** {@code ddump D}, which answers with a line for each run of pages. */
  void ddump(TranscriptCommand command, List<String> lines) {
    LeafRuns runs = new LeafRuns(lines);
    domain(command).visit(runs);
    runs.end();
  }
}

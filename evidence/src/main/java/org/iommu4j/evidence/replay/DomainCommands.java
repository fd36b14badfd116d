package org.iommu4j.evidence.replay;

import com.google.common.collect.ImmutableSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.jspecify.annotations.Nullable;

/**
 * The commands on domains of the script's own: {@code dnew dnewdev dattach ddetach ddel dmap dunmap
 * dxlate ddump}. Not thread-safe.
 */
final class DomainCommands {
  private static final int DOMAINS = 64;

  private final ReplayState state;
  private final HardwareCommands hardware;
  private final ImmutableSet<String> asking;
  private final Map<Integer, IommuDomain> domains = new HashMap<>();

  DomainCommands(ReplayState state, HardwareCommands hardware) {
    this.state = state;
    this.hardware = hardware;
    this.asking = ModuleCommands.askingForDomain(state.system().rules().release());
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

  /** Returns whether a command is about a domain that is not there, and says so. */
  boolean lacksDomain(TranscriptCommand command) {
    return asking.contains(command.word(0)) && !domains.containsKey(id(command));
  }

  /** Runs one of the commands that answer in one line. */
  String run(TranscriptCommand command) {
    if (lacksDomain(command)) {
      return "error=nodomain";
    }
    try {
      return switch (command.word(0)) {
        case "dnew" -> dnew(command);
        case "dnewdev" -> dnewdev(command);
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

  /** {@code dnewdev D}: as {@code dnew}, of what serves the current device. */
  private String dnewdev(TranscriptCommand command) {
    if (iommu().group(state.address()).isEmpty()) {
      domains.remove(id(command));
      return "error=" + Errno.ENODEV;
    }
    String answer = dnew(command);
    return domains.containsKey(id(command)) ? answer : "error=" + Errno.ENOMEM;
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

  /**
   * {@code ddump D}, which answers with a line for each run of pages: in the hardware's words if
   * the current device is in that domain.
   */
  void ddump(TranscriptCommand command, List<String> lines) {
    IommuDomain domain = domain(command);
    if (state.domain().filter(domain::equals).isPresent()) {
      hardware.dump(lines);
    } else {
      LeafRuns runs = new LeafRuns(lines);
      domain.visit(runs);
      runs.end();
    }
  }
}

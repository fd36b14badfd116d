package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.base.Errno;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/**
 * How the kernel finds the devices that the table's scopes name: device by device in the order of
 * the buses, each into the first free slot of the first unit that has it, of each reserved range,
 * and of the first root port set.
 *
 * <p>Names of the ACPI namespace are not resolved: no fact tells whether the namespace has them, so
 * neither their devices nor the lines about them are in the result.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_dev_scope_init}, {@code dmar_pci_bus_add_dev};
 * {@code drivers/iommu/intel/iommu.c:dmar_iommu_notify_scope_dev}.
 */
public final class ScopeResolution {
  private static final int LAST_SEGMENT = 0xffff;

  private final ParseResult parse;
  private final boolean survivesFullScopes;
  private final List<String> log = new ArrayList<>();
  private final Map<RemappingUnit, ScopeMatcher> units = new LinkedHashMap<>();
  private final Map<RmrrUnit, ScopeMatcher> rmrrs = new LinkedHashMap<>();
  private final Map<AtsrUnit, ScopeMatcher> atsrs = new LinkedHashMap<>();
  private final Map<SatcUnit, ScopeMatcher> satcs = new LinkedHashMap<>();
  private int status;
  private CallOutcome outcome = CallOutcome.RETURNS;

  private ScopeResolution(ParseResult parse, boolean survivesFullScopes) {
    this.parse = parse;
    this.survivesFullScopes = survivesFullScopes;
  }

  /** Resolves the scopes of a table on these buses, where full scopes stop the kernel. */
  public static ResolvedScopes resolve(ParseResult parse, PciTopology pci) {
    return resolve(parse, pci, false);
  }

  /** Resolves the scopes of a table on these buses. */
  public static ResolvedScopes resolve(ParseResult parse, PciTopology pci, PolicyRules rules) {
    return resolve(parse, pci, rules.does(Trait.SURVIVES_FULL_SCOPES));
  }

  private static ResolvedScopes resolve(
      ParseResult parse, PciTopology pci, boolean survivesFullScopes) {
    ScopeResolution resolution = new ScopeResolution(parse, survivesFullScopes);
    resolution.run(pci);
    return resolution.result();
  }

  private void run(PciTopology pci) {
    if (parse.outcome() != CallOutcome.RETURNS) {
      outcome = parse.outcome();
      return;
    }
    if (parse.units().isEmpty() || parse.table().isEmpty()) {
      status = Errno.ENODEV;
      return;
    }
    DmarTable table = parse.table().get();
    if (anddSearchLoops(table)) {
      outcome = CallOutcome.LOOPS_FOREVER;
      return;
    }
    prepare(table);
    for (PciDevice device : pci.devices()) {
      if (device.isVirtualFunction()) {
        continue;
      }
      // A domain that a table cannot name ends the search, not only for this device.
      if (device.address().domain() > LAST_SEGMENT || outcome != CallOutcome.RETURNS) {
        return;
      }
      add(device);
    }
  }

  private void prepare(DmarTable table) {
    for (RemappingUnit unit : parse.units()) {
      if (!unit.includeAll()) {
        units.put(unit, new ScopeMatcher(table, unit.scopes(), unit.segment()));
      }
    }
    for (RmrrUnit rmrr : parse.rmrrs()) {
      rmrrs.put(rmrr, new ScopeMatcher(table, rmrr.scopes(), rmrr.segment()));
    }
    for (AtsrUnit atsr : parse.atsrs()) {
      if (!atsr.includeAll()) {
        atsrs.put(atsr, new ScopeMatcher(table, atsr.scopes(), atsr.segment()));
      }
    }
    for (SatcUnit satc : parse.satcs()) {
      satcs.put(satc, new ScopeMatcher(table, satc.scopes(), satc.segment()));
    }
  }

  // dmar_acpi_dev_scope_init steps by lengths alone: it has no check for a length of 0.
  private static boolean anddSearchLoops(DmarTable table) {
    long end = table.header().lengthBytes();
    int at = DmarTable.HEADER_BYTES;
    while (at < end) {
      int length = table.readWord(at + 2);
      if (length == 0) {
        return true;
      }
      at += length;
    }
    return false;
  }

  private void add(PciDevice device) {
    int result = insertFirst(units.values(), device);
    for (ScopeMatcher rmrr : rmrrs.values()) {
      if (result < 0) {
        break;
      }
      result = insert(rmrr, device);
    }
    if (result >= 0) {
      result = insertFirst(atsrs.values(), device);
    }
    if (result >= 0) {
      result = insertFirst(satcs.values(), device);
    }
    if (result < 0 && status == 0) {
      status = result;
    }
  }

  private int insertFirst(Iterable<ScopeMatcher> matchers, PciDevice device) {
    for (ScopeMatcher matcher : matchers) {
      int result = insert(matcher, device);
      if (result != 0) {
        return result;
      }
    }
    return 0;
  }

  private int insert(ScopeMatcher matcher, PciDevice device) {
    if (outcome != CallOutcome.RETURNS) {
      return 0;
    }
    return switch (matcher.insert(device, log)) {
      case NO_MATCH -> 0;
      case INSERTED -> 1;
      case TYPE_MISMATCH -> Errno.EINVAL;
      case ENDLESS -> ends(CallOutcome.LOOPS_FOREVER);
      case NO_SLOT -> survivesFullScopes ? Errno.EINVAL : ends(CallOutcome.KERNEL_BUG);
    };
  }

  private int ends(CallOutcome end) {
    outcome = end;
    return 0;
  }

  private ResolvedScopes result() {
    return new ResolvedScopes(
        parse,
        status,
        outcome,
        ImmutableList.copyOf(log),
        filled(units),
        filled(rmrrs),
        filled(atsrs),
        filled(satcs),
        missing());
  }

  private static <T> ImmutableMap<T, ImmutableList<PciDevice>> filled(Map<T, ScopeMatcher> from) {
    ImmutableMap.Builder<T, ImmutableList<PciDevice>> devices = ImmutableMap.builder();
    from.forEach((structure, matcher) -> devices.put(structure, matcher.filled()));
    return devices.buildOrThrow();
  }

  private ImmutableList<MissingFact> missing() {
    boolean names =
        parse.table().isPresent()
            && parse.table().get().structures().stream().anyMatch(Andd.class::isInstance);
    return names
        ? ImmutableList.of(
            new MissingFact(
                "the ACPI namespace",
                "devices that ANDD structures name are left out, and the lines about them"))
        : ImmutableList.of();
  }
}

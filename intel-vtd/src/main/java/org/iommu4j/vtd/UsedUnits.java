package org.iommu4j.vtd;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.policy.DefaultDomainPolicy;
import org.iommu4j.iommu.policy.DmaAliases;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.Coverage;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.iommu4j.vtd.policy.GraphicsPolicy;
import org.iommu4j.vtd.policy.IntelParameters;
import org.iommu4j.vtd.policy.IsochronousAudio;
import org.iommu4j.vtd.policy.PolicyRules;
import org.iommu4j.vtd.policy.PolicyRules.Trait;
import org.iommu4j.vtd.policy.RemappingUnit;
import org.iommu4j.vtd.policy.ResolvedScopes;
import org.iommu4j.vtd.policy.UnitBringUp;
import org.iommu4j.vtd.policy.UnitLookup;

/**
 * The units that a boot brought up, and which device is under which. Immutable.
 *
 * @param scopes the table with its device scopes
 * @param bringUp what bringing the units up decided
 * @param lookup the unit of each device
 * @param graphics how graphics devices are treated
 * @param source the kernel's function that finds a device's unit
 */
record UsedUnits(
    ResolvedScopes scopes,
    UnitBringUp bringUp,
    UnitLookup lookup,
    GraphicsPolicy graphics,
    String source) {
  private static final Rule RULE = new Rule("unit");

  /**
   * Brings the units of a table up, and logs it.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_init}.
   */
  static UsedUnits bringUp(
      BootContext context, PolicyRules rules, ResolvedScopes scopes, IntelParameters parameters) {
    Machine machine = context.machine();
    if (scopes.parse().rmrrs().isEmpty()) {
      context.log("DMAR: No RMRR found");
    }
    if (scopes.parse().atsrs().isEmpty()) {
      context.log("DMAR: No ATSR found");
    }
    if (rules.does(Trait.READS_SATC) && scopes.parse().satcs().isEmpty()) {
      context.log("DMAR: No SATC found");
    }
    TrustRule trust = context.rules().quirks().trust();
    GraphicsPolicy graphics = GraphicsPolicy.of(machine.pci(), parameters, rules, trust);
    UnitBringUp used =
        UnitBringUp.of(
            rules,
            scopes,
            parameters,
            machine.config(),
            graphics.unmappedBecause() == null,
            isStrict(context, parameters, graphics));
    used.log().forEach(context::log);
    String audioWarning = IsochronousAudio.of(machine.pci(), trust).warning();
    if (audioWarning != null && !used.failed()) {
      context.log(audioWarning);
    }
    UnitLookup lookup =
        UnitLookup.of(scopes, DmaAliases.of(machine.pci(), context.rules().quirks())::realDmaDevice)
            .ignoring(used.ignored());
    return new UsedUnits(scopes, used, lookup, graphics, rules.sources().unit());
  }

  private static boolean isStrict(
      BootContext context, IntelParameters parameters, GraphicsPolicy graphics) {
    boolean own = parameters.strict() || graphics.strict();
    return context.rules().defaultDomain().typesTellStrictness()
        ? DefaultDomainPolicy.isStrict(context.parameters(), context.machine().config(), own)
        : own;
  }

  /** Returns whether unmapping waits for the hardware. */
  boolean strict() {
    return bringUp.strict();
  }

  /** Returns the unit that covers a device. */
  Coverage coverageOf(PciDevice device) {
    return lookup
        .unitOf(device)
        .map(
            found ->
                new Coverage(
                    found.unit().name(),
                    Decision.of(
                        RULE,
                        found.unit().name(),
                        source,
                        found.unit().includeAll()
                            ? "the unit takes all devices of its segment that no other one has"
                            : "a device scope of the unit names the device or a bridge above it")))
        .orElseGet(() -> uncovered(device));
  }

  // drivers/iommu/intel/iommu.c:init_no_remapping_devices leaves out units of graphics alone.
  private Coverage uncovered(PciDevice device) {
    String because = graphics.unmappedBecause();
    boolean leftOut =
        device.isDisplay() && lookup.matchedUnit(device).filter(lookup::isIgnored).isPresent();
    return new Coverage(
        null,
        leftOut && because != null
            ? Decision.of(RULE, "no unit covers it", source, "its unit is left out: " + because)
            : Decision.of(RULE, "no unit covers it", source));
  }

  /** Returns the units that translate, in the kernel's order. */
  ImmutableList<RemappingUnit> translating() {
    return scopes.parse().units().stream()
        .filter(unit -> !lookup.isIgnored(unit))
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns the ranges that firmware wants identity domains to map besides memory. */
  ImmutableList<PhysRange> identityMapped() {
    return scopes.parse().rmrrs().stream()
        .filter(rmrr -> !scopes.devices(rmrr).isEmpty())
        .filter(rmrr -> rmrr.firstPhys() >= 0 && rmrr.firstPhys() <= rmrr.lastPhys())
        .filter(rmrr -> rmrr.lastPhys() >>> PhysicalMemory.ADDRESS_BITS == 0)
        .map(rmrr -> new PhysRange(rmrr.firstPhys(), rmrr.lastPhys() + 1))
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns a unit that translates and has scalable mode, if there is one. */
  Optional<RemappingUnit> withScalableMode() {
    return scopes.parse().units().stream()
        .filter(unit -> unit.capabilities().scalableMode() && !bringUp.ignored().contains(unit))
        .findFirst();
  }
}

package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.iommu4j.iommu.spi.UnitRegistration;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/**
 * Which units are used, and what bringing them up decides for all of them.
 *
 * @param ignored the units that take no part in translation
 * @param audit what the others have in common
 * @param failed whether the kernel gives up on them
 * @param hardwarePassThrough whether identity domains need no page table
 * @param strict whether unmapping waits for the hardware once all units are there
 * @param log what the kernel prints
 * @param registrations the units in the order in which they are registered, one by one; none where
 *     all are at once
 */
public record UnitBringUp(
    ImmutableSet<RemappingUnit> ignored,
    AbilityAudit audit,
    boolean failed,
    boolean hardwarePassThrough,
    boolean strict,
    ImmutableList<String> log,
    ImmutableList<UnitRegistration> registrations) {

  /**
   * Brings the units up.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:init_no_remapping_devices}, {@code init_dmars}.
   *
   * @param rules what the release says of it
   * @param mapGraphics whether graphics devices are translated
   * @param alreadyStrict whether unmapping is strict before any unit is looked at
   */
  public static UnitBringUp of(
      PolicyRules rules,
      ResolvedScopes scopes,
      IntelParameters parameters,
      KernelConfig config,
      boolean mapGraphics,
      boolean alreadyStrict) {
    ImmutableSet<RemappingUnit> ignored = ignored(scopes, mapGraphics);
    List<RemappingUnit> used = new ArrayList<>(scopes.parse().units());
    used.removeAll(ignored);
    Steps steps = new Steps(rules, parameters, used, alreadyStrict);
    if (!steps.failed()) {
      steps.bringUp();
      if (config.isEnabled("CONFIG_INTEL_IOMMU_SVM")) {
        steps.registerPasidAllocators();
      }
      if (rules.does(Trait.REGISTERS_UNITS_ONE_BY_ONE)) {
        steps.register();
      }
    }
    return steps.result(ignored);
  }

  private static ImmutableSet<RemappingUnit> ignored(ResolvedScopes scopes, boolean mapGraphics) {
    Set<RemappingUnit> ignored = new LinkedHashSet<>();
    for (RemappingUnit unit : scopes.parse().units()) {
      ImmutableList<PciDevice> devices = scopes.devices(unit);
      boolean unused = !unit.includeAll() && devices.isEmpty();
      boolean graphicsOnly = !unit.includeAll() && devices.stream().allMatch(PciDevice::isDisplay);
      if (unit.ignored() || unused || (graphicsOnly && !mapGraphics)) {
        ignored.add(unit);
      }
    }
    return ImmutableSet.copyOf(ignored);
  }

  /** The steps, each of which takes all units before the next. */
  private static final class Steps {
    private final PolicyRules rules;
    private final IntelParameters parameters;
    private final List<RemappingUnit> used;
    private final AbilityAudit audit;
    private final List<String> log = new ArrayList<>();
    private final ImmutableList.Builder<UnitRegistration> registrations = ImmutableList.builder();
    private boolean passThrough = true;
    private boolean strict;

    Steps(PolicyRules rules, IntelParameters parameters, List<RemappingUnit> used, boolean strict) {
      this.rules = rules;
      this.parameters = parameters;
      this.used = used;
      this.strict = strict;
      audit = AbilityAudit.ofDma(used, rules);
      if (audits()) {
        log.addAll(audit.log());
      }
    }

    private boolean audits() {
      return rules.does(Trait.AUDITS_ABILITIES);
    }

    boolean failed() {
      return audits() && !audit.isSane();
    }

    void bringUp() {
      for (RemappingUnit unit : used) {
        boolean queued = unit.capabilities().queuedInvalidation();
        log.add(
            "DMAR: "
                + unit.name()
                + (queued ? ": Using Queued" : ": Using Register based")
                + " invalidation");
        passThrough &= !rules.does(Trait.MAPS_IDENTITY) || unit.capabilities().passThrough();
        boolean caching = unit.capabilities().cachingMode();
        if (!rules.does(Trait.REGISTERS_UNITS_ONE_BY_ONE) && !strict && caching) {
          log.add(rules.strictByCachingMode());
          strict = true;
        }
      }
    }

    // drivers/iommu/intel/iommu.c:register_pasid_allocator: only a unit with caching mode, that is
    // in a virtual machine, has one.
    void registerPasidAllocators() {
      String line = rules.noPasids();
      for (RemappingUnit unit : used) {
        boolean scalable = parameters.scalableMode() && unit.capabilities().scalableMode();
        if (line != null && unit.capabilities().cachingMode() && !scalable) {
          log.add(line);
        }
      }
    }

    // drivers/iommu/intel/iommu.c:intel_iommu_init tells of caching mode once.
    void register() {
      boolean told = false;
      boolean firstStage = audit.firstStageForDma(parameters.scalableMode());
      for (RemappingUnit unit : used) {
        boolean caching = unit.capabilities().cachingMode() && !firstStage;
        strict |= caching;
        registrations.add(
            new UnitRegistration(
                unit.name(),
                caching && !told
                    ? ImmutableList.of(rules.strictByCachingMode())
                    : ImmutableList.of(),
                strict));
        told |= caching;
      }
    }

    UnitBringUp result(ImmutableSet<RemappingUnit> ignored) {
      return new UnitBringUp(
          ignored,
          audit,
          failed(),
          passThrough,
          strict,
          ImmutableList.copyOf(log),
          registrations.build());
    }
  }
}

package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Which units are used, and what bringing them up decides for all of them.
 *
 * @param ignored the units that take no part in translation
 * @param hardwarePassThrough whether identity domains need no page table
 * @param strict whether caching mode demands that unmapping waits for the hardware
 * @param log what the kernel prints
 */
public record UnitBringUp(
    ImmutableSet<RemappingUnit> ignored,
    boolean hardwarePassThrough,
    boolean strict,
    ImmutableList<String> log) {

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
    List<String> log = new ArrayList<>();
    List<RemappingUnit> used = new ArrayList<>(scopes.parse().units());
    used.removeAll(ignored);
    boolean strict = alreadyStrict;
    boolean passThrough = true;
    for (RemappingUnit unit : used) {
      boolean queued = unit.capabilities().queuedInvalidation();
      log.add(
          "DMAR: "
              + unit.name()
              + (queued ? ": Using Queued" : ": Using Register based")
              + " invalidation");
      passThrough &= unit.capabilities().passThrough();
      if (!strict && unit.capabilities().cachingMode()) {
        log.add(rules.strictByCachingMode());
        strict = true;
      }
    }
    if (config.isEnabled("CONFIG_INTEL_IOMMU_SVM")) {
      logPasidAllocators(rules, used, parameters, log);
    }
    return new UnitBringUp(ignored, passThrough, strict, ImmutableList.copyOf(log));
  }

  // drivers/iommu/intel/iommu.c:register_pasid_allocator: only a unit with caching mode, that is in
  // a virtual machine, has one.
  private static void logPasidAllocators(
      PolicyRules rules, List<RemappingUnit> used, IntelParameters parameters, List<String> log) {
    for (RemappingUnit unit : used) {
      boolean scalable = parameters.scalableMode() && unit.capabilities().scalableMode();
      if (unit.capabilities().cachingMode() && !scalable) {
        log.add(rules.noPasids());
      }
    }
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
}

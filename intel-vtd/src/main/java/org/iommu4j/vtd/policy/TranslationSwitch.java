package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vtd.policy.PolicyRules.Trait;
import org.jspecify.annotations.Nullable;

/**
 * Whether translation is on, and whether anything insists on it.
 *
 * @param forceOn whether a failure to translate stops the kernel
 * @param off why the driver does not go on to switch translation on, or null if it does
 * @param defaultPassthrough whether the default domain type becomes identity
 * @param log what the kernel prints
 * @param decision why
 */
@Immutable
public record TranslationSwitch(
    boolean forceOn,
    @Nullable OffReason off,
    boolean defaultPassthrough,
    ImmutableList<String> log,
    Decision decision) {
  /** The rule of every decision on whether units translate. */
  public static final Rule RULE = new Rule("translation");

  private static final String INIT = "drivers/iommu/intel/iommu.c:intel_iommu_init";
  private static final String OPT_IN = "drivers/iommu/intel/iommu.c:platform_optin_force_iommu";
  private static final String TBOOT = "arch/x86/kernel/tboot.c:tboot_force_iommu";

  /**
   * Decides for a machine.
   *
   * <p>A measured launch (tboot) comes before the firmware's opt-in, which only counts if a port
   * faces outward. The opt-in turns the default to passthrough only where VT-d was off by default
   * or by {@code intel_iommu=off}, not where {@code iommu=off} kept it off.
   *
   * @param platformOptIn whether the table has {@code DMA_CTRL_PLATFORM_OPT_IN_FLAG}
   * @param noIommu whether {@code iommu=off} was said
   * @param rules whether that stands against the opt-in
   */
  public static TranslationSwitch decide(
      Machine machine,
      IntelParameters parameters,
      boolean platformOptIn,
      boolean noIommu,
      PolicyRules rules) {
    OffReason off =
        parameters.dmarDisabled() ? OffReason.DRIVER_OFF : noIommu ? OffReason.ALL_OFF : null;
    if (!parameters.tbootNoForce() && isMeasured(machine)) {
      return new TranslationSwitch(
          true,
          null,
          false,
          ImmutableList.of(),
          Decision.of(RULE, "on", TBOOT, "a measured launch (tboot) needs translation"));
    }
    boolean optsIn = platformOptIn && (!noIommu || rules.does(Trait.OPT_IN_OVERRULES_IOMMU_OFF));
    if (optsIn && !parameters.noPlatformOptIn() && hasExternalPort(machine)) {
      return optIn(off);
    }
    Decision decision =
        off == null
            ? Decision.of(RULE, "on", INIT, "intel_iommu is on")
            : Decision.of(RULE, "off", INIT, off.words());
    return new TranslationSwitch(false, off, false, ImmutableList.of(), decision);
  }

  /** Returns whether the kernel was started by a measured launch (tboot). */
  public static boolean isMeasured(Machine machine) {
    return machine.property("tboot").isPresent();
  }

  private static TranslationSwitch optIn(@Nullable OffReason overruled) {
    boolean dmarDisabled = overruled == OffReason.DRIVER_OFF;
    ImmutableList.Builder<String> because = ImmutableList.builder();
    because.add("firmware opts in to DMA protection and a port faces outward");
    if (overruled != null) {
      because.add(overruled.words() + " is overruled");
    }
    if (dmarDisabled) {
      because.add("trusted devices get identity domains, since VT-d was off");
    }
    ImmutableList<String> log =
        overruled == null
            ? ImmutableList.of()
            : ImmutableList.of("DMAR: Intel-IOMMU force enabled due to platform opt in");
    return new TranslationSwitch(
        true, null, dmarDisabled, log, new Decision(RULE, "on", because.build(), OPT_IN));
  }

  // drivers/iommu/intel/iommu.c:has_external_pci.
  private static boolean hasExternalPort(Machine machine) {
    return machine.pci().devices().stream().anyMatch(PciDevice::externalFacing);
  }
}

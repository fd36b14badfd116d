package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Whether translation is on, and whether anything insists on it.
 *
 * @param state whether it is
 * @param defaultPassthrough whether the default domain type becomes identity
 * @param log what the kernel prints
 * @param decision why
 */
@Immutable
public record TranslationSwitch(
    State state, boolean defaultPassthrough, ImmutableList<String> log, Decision decision) {
  /** Whether the driver goes on to switch translation on. */
  public enum State {
    /** It does not. */
    OFF,
    /** It does. */
    ON,
    /** It does, and a failure stops the kernel. */
    FORCED
  }

  /** The rule of every decision on whether units translate. */
  public static final Rule RULE = new Rule("translation");

  private static final String INIT = "drivers/iommu/intel/iommu.c:intel_iommu_init";
  private static final String OPT_IN = "drivers/iommu/intel/iommu.c:platform_optin_force_iommu";
  private static final String TBOOT = "arch/x86/kernel/tboot.c:tboot_force_iommu";

  /** Returns whether a failure to translate stops the kernel. */
  public boolean forceOn() {
    return state == State.FORCED;
  }

  /** Returns whether the driver goes on to switch translation on. */
  public boolean enabled() {
    return state != State.OFF;
  }

  /**
   * Decides for a machine.
   *
   * <p>A measured launch (tboot) comes before the firmware's opt-in, which only counts if a port
   * faces outward. The opt-in turns the default to passthrough only where VT-d was off by default
   * or by {@code intel_iommu=off}, not where {@code iommu=off} kept it off.
   *
   * @param platformOptIn whether the table has {@code DMA_CTRL_PLATFORM_OPT_IN_FLAG}
   * @param noIommu whether {@code iommu=off} was said
   */
  public static TranslationSwitch decide(
      Machine machine, IntelParameters parameters, boolean platformOptIn, boolean noIommu) {
    boolean off = noIommu || parameters.dmarDisabled();
    String said = parameters.dmarDisabled() ? "intel_iommu is off" : noIommu ? "iommu=off" : "";
    if (!parameters.tbootNoForce() && machine.property("tboot").isPresent()) {
      Decision measured =
          Decision.of(RULE, "on", TBOOT, "a measured launch (tboot) needs translation");
      return of(State.FORCED, measured);
    }
    if (platformOptIn && !parameters.noPlatformOptIn() && hasExternalPort(machine)) {
      return optIn(off, parameters.dmarDisabled(), said);
    }
    String why = off ? said : "intel_iommu is on";
    Decision decision = Decision.of(RULE, off ? "off" : "on", INIT, why);
    return of(off ? State.OFF : State.ON, decision);
  }

  private static TranslationSwitch optIn(boolean off, boolean dmarDisabled, String said) {
    ImmutableList.Builder<String> because = ImmutableList.builder();
    because.add("firmware opts in to DMA protection and a port faces outward");
    if (off) {
      because.add(said + " is overruled");
    }
    if (dmarDisabled) {
      because.add("trusted devices get identity domains, since VT-d was off");
    }
    ImmutableList<String> log =
        off
            ? ImmutableList.of("DMAR: Intel-IOMMU force enabled due to platform opt in")
            : ImmutableList.of();
    Decision decision = new Decision(RULE, "on", because.build(), OPT_IN);
    return new TranslationSwitch(State.FORCED, dmarDisabled, log, decision);
  }

  private static TranslationSwitch of(State state, Decision decision) {
    return new TranslationSwitch(state, false, ImmutableList.of(), decision);
  }

  // drivers/iommu/intel/iommu.c:has_external_pci.
  private static boolean hasExternalPort(Machine machine) {
    return machine.pci().devices().stream().anyMatch(PciDevice::externalFacing);
  }
}

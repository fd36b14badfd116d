package org.iommu4j.vtd.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.Machine;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.vtd.release.Vtd510;
import org.junit.jupiter.api.Test;

class TranslationSwitchTest {
  private static final PolicyRules RULES = Vtd510.RULES.policy();

  /** Rules by which {@code iommu=off} stands whatever firmware wants. */
  private static final PolicyRules OFF_STANDS =
      RULES.without(PolicyRules.Trait.OPT_IN_OVERRULES_IOMMU_OFF);

  private static TranslationSwitch decide(String line, PolicyRules rules) {
    Machine machine = KitMachine.docked(line).build();
    KernelConfig config = KernelConfig.parse("CONFIG_INTEL_IOMMU=y\n");
    IntelParameters parameters = IntelParameters.parse(CommandLine.parse(line), config, rules);
    return TranslationSwitch.decide(machine, parameters, true, line.contains("iommu=off"), rules);
  }

  @Test
  void theRulesSayWhetherTheOptInOverrulesIommuOff() {
    assertNull(decide("intel_iommu=on iommu=off", RULES).off());
    assertEquals(OffReason.ALL_OFF, decide("intel_iommu=on iommu=off", OFF_STANDS).off());
    assertNull(decide("intel_iommu=on", OFF_STANDS).off());
    assertNull(decide("", OFF_STANDS).off(), "off by default is overruled all the same");
  }
}

package org.iommu4j.iommu.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.DefaultDomainPolicy.DefaultDomain;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.junit.jupiter.api.Test;

class DefaultDomainPolicyTest {
  private static final String PASSTHROUGH = "CONFIG_IOMMU_DEFAULT_PASSTHROUGH=y";

  private static DefaultDomain decide(String line, String config, boolean encryption) {
    KernelConfig parsed = KernelConfig.parse(config);
    KernelParameters parameters =
        KernelParameters.parse(
            CommandLine.parse(line), parsed, Linux510.RULES.parameters(), Linux510.RULES.swiotlb());
    return DefaultDomainPolicy.decide(
        parameters, parsed, encryption, false, Linux510.RULES.defaultDomain());
  }

  @Test
  void theLogLineEndsInABlankWhereNothingWasSaid() {
    assertEquals(List.of("iommu: Default domain type: Translated "), decide("", "", false).log());
    assertEquals(
        List.of("iommu: Default domain type: Passthrough "), decide("", PASSTHROUGH, false).log());
  }

  @Test
  void theCommandLineGoesBeforeTheConfiguration() {
    DefaultDomain domain = decide("iommu=nopt", PASSTHROUGH, false);
    assertEquals(DomainType.DMA, domain.type());
    assertEquals(
        List.of("iommu: Default domain type: Translated (set via kernel command line)"),
        domain.log());
  }

  @Test
  void memoryEncryptionUndoesTheConfiguredPassthroughOnly() {
    DefaultDomain configured = decide("", PASSTHROUGH, true);
    assertEquals(DomainType.DMA, configured.type());
    assertEquals(
        List.of(
            "iommu: Memory encryption detected - Disabling default IOMMU Passthrough",
            "iommu: Default domain type: Translated "),
        configured.log());
    assertEquals(DomainType.IDENTITY, decide("iommu=pt", "", true).type());
  }

  @Test
  void aDriverMayForcePassthroughWhateverTheCommandLineSays() {
    DefaultDomain before = decide("iommu=nopt", "", false);
    DefaultDomain after =
        DefaultDomainPolicy.forcePassthrough(
            before, "opt-in", "driver.c:f", Linux510.RULES.defaultDomain());
    assertEquals(DomainType.IDENTITY, after.type());
    assertTrue(after.setOnCommandLine());
    assertEquals(before.log(), after.log());
    assertEquals(List.of("the command line says so", "opt-in"), after.decision().because());
  }

  @Test
  void aConfigurationThatDoesNotSayTranslates() {
    DefaultDomain domain = decide("", "", false);
    assertEquals(DomainType.DMA, domain.type());
    assertFalse(domain.setOnCommandLine());
    assertEquals(List.of("CONFIG_IOMMU_DEFAULT_PASSTHROUGH not set"), domain.decision().because());
  }
}

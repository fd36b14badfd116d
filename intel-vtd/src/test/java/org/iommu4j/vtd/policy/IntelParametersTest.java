package org.iommu4j.vtd.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.iommu4j.iommu.CommandLineVerdicts;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.vtd.release.Vtd510;
import org.iommu4j.vtd.release.Vtd61;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntelParametersTest {
  private static final String ON = "DMAR: IOMMU enabled";
  private static final String OFF = "DMAR: IOMMU disabled";
  private static final String DRIVER = "CONFIG_INTEL_IOMMU=y\n";

  private static IntelParameters parse(String line) {
    return IntelParameters.parse(
        CommandLine.parse(line), KernelConfig.debian(), Vtd510.RULES.policy());
  }

  private static IntelParameters parse(String line, String config) {
    return IntelParameters.parse(
        CommandLine.parse(line), KernelConfig.parse(config), Vtd510.RULES.policy());
  }

  private static List<WordVerdict> judge(String line) {
    return CommandLineVerdicts.of(
        CommandLine.parse(line),
        KernelConfig.debian(),
        Linux510.RULES,
        List.of(new IntelVendorParameters(kernel -> Vtd510.RULES.policy())));
  }

  @Test
  void everyWordLogsItsLineInTheOrderOfTheLine() {
    assertEquals(
        List.of(
            ON,
            "DMAR: Disable batched IOTLB flush",
            "DMAR: Disable supported super page",
            "DMAR: Forcing DAC for PCI devices",
            "DMAR: Intel-IOMMU: No bounce buffer. This could expose security risks of DMA attacks",
            "DMAR: Disable GFX device mapping",
            "DMAR: Disable integrated GPU device mapping",
            "DMAR: Intel-IOMMU: scalable mode supported",
            "DMAR: Intel-IOMMU: not forcing on after tboot. This could expose security risk for"
                + " tboot"),
        parse(
                "intel_iommu=on,strict,sp_off,forcedac,nobounce,igfx_off,intgpu_off,sm_on,"
                    + "tboot_noforce")
            .logLines());
  }

  @Test
  void everyWordSetsItsVariable() {
    IntelParameters all =
        parse("intel_iommu=off,strict,sp_off,forcedac,nobounce,igfx_off,sm_on,tboot_noforce");
    assertTrue(all.dmarDisabled() && all.noPlatformOptIn() && all.strict() && all.forceDac());
    assertTrue(all.noBounce() && all.scalableMode() && all.tbootNoForce());
    assertFalse(all.mapGfx() || all.superpages());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "intel_iommu=on",
        "intel-iommu=on",
        "intel_iommu=onfoo",
        "intel_iommu=,,on,,",
        "intel_iommu=\"on\"",
        "\"intel_iommu=on\"",
        "intel_iommu=on -- intel_iommu=off",
      })
  void theseTurnItOn(String line) {
    assertEquals(List.of(ON), parse(line).logLines());
    assertTrue(parse(line).mapIntegratedGpu());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "intel_iommu",
        "intel_iommu=",
        "intel_iommu= on",
        "intel_iommu=ON",
        "INTEL_IOMMU=on",
        "intel_iommu=pt",
        "intel_iommu=1",
        "intel_iommu.on=1",
        "intel_iommu=sm_off",
        "intel_iommu=\" on\"",
      })
  void theseAreNotRead(String line) {
    assertEquals(List.of(), parse(line).logLines());
    assertFalse(parse(line).mapIntegratedGpu());
  }

  @Test
  void laterOccurrencesAddToThoseBefore() {
    IntelParameters both = parse("intel_iommu=offline intel_iommu=on,strict");
    assertEquals(List.of(OFF, ON, "DMAR: Disable batched IOTLB flush"), both.logLines());
    assertFalse(both.dmarDisabled());
    assertTrue(both.noPlatformOptIn());
    WordVerdict first = both.verdicts().get(0);
    assertEquals(Verdict.OVERRIDDEN, first.verdict());
    assertEquals("intel_iommu=on", first.overriddenBy());
    assertTrue(first.effect().contains("no_platform_optin stays"), first.toString());
  }

  @Test
  void eightCharactersOfIntgpuOffAreCompared() {
    assertFalse(parse("intel_iommu=on,intgpu_on").mapIntegratedGpu());
    assertTrue(parse("intel_iommu=on,intgpu_").mapIntegratedGpu());
    assertTrue(parse("intel_iommu=intgpu_off,on").mapIntegratedGpu());
  }

  @ParameterizedTest
  @CsvSource({
    "CONFIG_INTEL_IOMMU_DEFAULT_ON=y, false, true",
    "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y, false, false",
    "CONFIG_INTEL_IOMMU_DEFAULT_OFF=y, true, false",
    "# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set, true, true",
  })
  void theConfigurationSetsTheDefault(String option, boolean disabled, boolean mapsGpu) {
    IntelParameters parsed = parse("", DRIVER + option);
    assertEquals(disabled, parsed.dmarDisabled());
    assertEquals(mapsGpu, parsed.mapIntegratedGpu());
  }

  @Test
  void debiansConfigurationTurnsItOn() {
    IntelParameters parsed = parse("");
    assertFalse(parsed.dmarDisabled() || parsed.mapIntegratedGpu() || parsed.scalableMode());
  }

  @Test
  void upstreamHasNoWordForTheIntegratedGpu() {
    WordVerdict verdict = parse("intel_iommu=intgpu_off", DRIVER).verdicts().get(0);
    assertEquals(Verdict.UNKNOWN, verdict.verdict());
  }

  @Test
  void scalableModeMayBeOnByDefault() {
    String config = DRIVER + "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON=y";
    assertTrue(parse("", config).scalableMode());
    assertTrue(parse("intel_iommu=sm_off", config).scalableMode());
  }

  @Test
  void aKernelWithoutTheDriverReadsNothing() {
    IntelParameters parsed = parse("intel_iommu=on,strict", "CONFIG_PCI=y");
    assertFalse(parsed.driverBuilt());
    assertEquals(List.of(), parsed.logLines());
    assertEquals(Verdict.NO_EFFECT_HERE, parsed.verdicts().get(1).verdict());
  }

  @ParameterizedTest
  @CsvSource({
    "intel_iommu=pt, UNKNOWN, iommu=pt",
    "intel_iommu=sm_off, UNKNOWN, later",
    "intel_iommu=On, UNKNOWN, probably meant: on",
    "intel_immu=on, UNKNOWN, probably meant: intel_iommu",
    "intel_iommu, MALFORMED, write intel_iommu=on",
    "intel_iommu=on iommu=soft, NO_EFFECT_HERE, iommu=soft ends",
    "swiotlb=force intel_iommu=strict, HONOURED, bounces",
    "intel_iommu=on iommu=off, NO_EFFECT_HERE, opts in",
  })
  void theVendorsVerdictsAreGatheredWithTheOthers(String line, Verdict verdict, String says) {
    WordVerdict first = judge(line).get(0);
    assertEquals(verdict, first.verdict(), first.toString());
    assertTrue(first.effect().contains(says), first.toString());
  }

  @Property
  void nothingMakesTheParserFail(@ForAll String noise) {
    parse(noise);
    parse("intel_iommu=" + noise);
    judge("intel_iommu=" + noise);
  }

  @Property
  void theLastOfOnAndOffDecidesAndEachIsLogged(@ForAll("switches") List<String> words) {
    IntelParameters parsed = parse("intel_iommu=" + String.join(",", words));
    assertEquals(words.get(words.size() - 1).equals("off"), parsed.dmarDisabled());
    assertEquals(words.contains("off"), parsed.noPlatformOptIn());
    assertEquals(
        words.stream().map(word -> word.equals("on") ? ON : OFF).toList(), parsed.logLines());
    assertEquals(words.size(), parsed.verdicts().size());
  }

  @Provide
  Arbitrary<List<String>> switches() {
    return Arbitraries.of("on", "off").list().ofMinSize(1).ofMaxSize(8);
  }

  @Test
  void laterReleasesDeprecateTellAndWriteWordsOut() {
    IntelParameters parsed =
        IntelParameters.parse(
            CommandLine.parse("intel_iommu=strict,forcedac,sm_on,sm_off,intgpu_on,nobounce"),
            KernelConfig.debian(),
            Vtd61.RULES.policy());
    assertEquals(
        List.of(
            "DMAR: intel_iommu=strict deprecated; use iommu.strict=1 instead",
            "DMAR: intel_iommu=forcedac deprecated; use iommu.forcedac instead",
            "DMAR: Enable scalable mode if hardware supports",
            "DMAR: Scalable mode is disallowed",
            "DMAR: Unknown option - 'intgpu_on,nobounce'",
            "DMAR: Unknown option - 'nobounce'"),
        parsed.logLines());
    assertTrue(parsed.strict());
    assertTrue(parsed.forceDac());
    assertFalse(parsed.scalableMode());
    assertFalse(parsed.noBounce());
    assertEquals(Verdict.DEPRECATED, parsed.verdicts().get(0).verdict());
  }
}

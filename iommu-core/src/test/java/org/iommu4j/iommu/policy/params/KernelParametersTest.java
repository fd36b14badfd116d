package org.iommu4j.iommu.policy.params;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelParametersTest {
  private static KernelParameters parse(String line) {
    return KernelParameters.parse(
        CommandLine.parse(line),
        KernelConfig.debian(),
        Linux510.RULES.parameters(),
        Linux510.RULES.swiotlb());
  }

  private static WordVerdict verdict(String line, int index) {
    return parse(line).verdicts().get(index);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "iommu=pt|IDENTITY",
        "iommu=nopt|DMA",
        "iommu=pt,nopt|DMA",
        "iommu=nopt iommu.passthrough=1|IDENTITY",
        "iommu.passthrough=1 iommu=nopt|DMA",
        "iommu.passthrough=1 iommu.passthrough=off|DMA",
        "iommu.passthrough=Yes iommu.passthrough=maybe|IDENTITY",
        "iommu.passthrough=ONwards|IDENTITY",
        "iommu.passthrough=0x1|DMA",
        "iommu=ptfoo|IDENTITY",
        "iommu=off,,pt|IDENTITY",
        "\"iommu=pt\"|IDENTITY",
        "iommu=\"pt,nopt\"|DMA",
      })
  void theLastWordSetsTheDomainType(String line, DomainType type) {
    assertEquals(Optional.of(type), parse(line).commandLineDomainType());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "iommu",
        "iommu=",
        "iommu.passthrough",
        "iommu.passthrough=",
        "iommu.passthrough=2",
        "iommu.passthrough=o",
        "iommu.passthrough=true",
        "iommu=usedac,pt",
        "iommu=\" pt\"",
        "iommu=PT",
        "-- iommu=pt",
        "intel_iommu=pt",
      })
  void otherWordsSetNoDomainType(String line) {
    assertEquals(Optional.empty(), parse(line).commandLineDomainType());
  }

  @Test
  void usedacEndsTheListAndIsCalledMalformed() {
    KernelParameters parsed = parse("iommu=nopt,usedac,pt,off");
    assertTrue(parsed.viaDacQuirkDisabled());
    assertFalse(parsed.noIommu());
    assertEquals(Optional.of(DomainType.DMA), parsed.commandLineDomainType());
    assertEquals(List.of("Malformed early option 'iommu'"), parsed.logLines());
    assertEquals(
        List.of(Verdict.HONOURED, Verdict.HONOURED, Verdict.IGNORED, Verdict.IGNORED),
        parsed.verdicts().stream().map(WordVerdict::verdict).toList());
  }

  @Test
  void aParameterRefusedIsLoggedUnderTheNameThatWasWritten() {
    assertEquals(
        List.of("Malformed early option 'iommu'", "Malformed early option 'iommu.passthrough'"),
        parse("iommu iommu.passthrough").logLines());
    assertEquals(Verdict.MALFORMED, verdict("iommu", 0).verdict());
    assertEquals("iommu", verdict("iommu", 0).word());
  }

  @Test
  void wordsOfIommuAreComparedByTheirStart() {
    assertTrue(parse("iommu=offline").noIommu());
    assertTrue(parse("iommu=software").swiotlbRequested());
    assertFalse(parse("iommu=noforce").forceIommu());
    assertTrue(parse("iommu=forcesac").forceIommu());
    assertEquals(List.of("forcesac option ignored."), parse("iommu=forcesac").logLines());
  }

  @Test
  void softNeedsAKernelWithSwiotlb() {
    KernelConfig without = KernelConfig.parse("CONFIG_PCI=y");
    KernelParameters parsed =
        KernelParameters.parse(
            CommandLine.parse("iommu=soft"),
            without,
            Linux510.RULES.parameters(),
            Linux510.RULES.swiotlb());
    assertFalse(parsed.swiotlbRequested());
    assertEquals(Verdict.UNKNOWN, parsed.verdicts().get(0).verdict());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "swiotlb=1|128|NORMAL",
        "swiotlb=128|128|NORMAL",
        "swiotlb=129|256|NORMAL",
        "swiotlb=0|0|NORMAL",
        "swiotlb=0x4000|16384|NORMAL",
        "swiotlb=0x|0|NORMAL",
        "swiotlb=010000xyz|4096|NORMAL",
        "swiotlb=65536,force|65536|FORCE",
        "swiotlb=65536force|65536|FORCE",
        "swiotlb=,force|0|FORCE",
        "swiotlb=force|0|FORCE",
        "swiotlb=force,65536|0|NORMAL",
        "swiotlb=forced|0|NORMAL",
        "swiotlb=4096,noforce|1|NO_FORCE",
        "swiotlb=noforce swiotlb=4096|4096|NO_FORCE",
        "swiotlb=1024,force swiotlb=65536|65536|FORCE",
        "swiotlb=-1|0|NORMAL",
        "swiotlb=|0|NORMAL",
      })
  void swiotlbTakesANumberAndOneExactWord(String line, long slots, SwiotlbForce force) {
    assertEquals(slots, parse(line).swiotlbSlots());
    assertEquals(force, parse(line).swiotlbForce());
  }

  @Test
  void aNumberOfSlotsWrapsAt64Bits() {
    assertEquals(128, parse("swiotlb=18446744073709551617").swiotlbSlots());
    assertEquals(0, parse("swiotlb=18446744073709551615").swiotlbSlots());
  }

  @Test
  void swiotlbWithoutAValueEndsTheBoot() {
    assertEquals(Verdict.MALFORMED, verdict("swiotlb", 0).verdict());
  }

  @Test
  void interruptRemappingWordsAreTakenOneByOne() {
    KernelParameters parsed = parse("intremap=off,on,nosid,no_x2apic_optout,nopost");
    assertFalse(parsed.interruptRemappingDisabled());
    assertTrue(parsed.interruptPostingDisabled());
    assertTrue(parsed.sourceIdCheckingDisabled());
    assertTrue(parsed.x2apicOptOutIgnored());
    assertEquals("intremap=on", parsed.verdicts().get(0).overriddenBy());
  }

  @Test
  void nointremapTakesAnyValueAndLeavesPostingAlone() {
    KernelParameters parsed = parse("nointremap=0");
    assertTrue(parsed.interruptRemappingDisabled());
    assertFalse(parsed.interruptPostingDisabled());
    assertEquals(Verdict.DEPRECATED, parsed.verdicts().get(0).verdict());
    assertFalse(parse("nointremap intremap=on").interruptRemappingDisabled());
    assertEquals(Verdict.OVERRIDDEN, verdict("nointremap intremap=on", 0).verdict());
  }

  @Test
  void pciWordsAreTakenByStartOrWhole() {
    KernelParameters parsed = parse("pci=noatsX,noariX,pcie_scan_all,disable_acs_redir=00:1c.0;a");
    assertTrue(parsed.atsDisabled());
    assertTrue(parsed.ariDisabled());
    assertTrue(parsed.allSlotsScanned());
    assertEquals(Optional.of("00:1c.0;a"), parsed.disableAcsRedir());
    assertEquals(List.of("PCIe: ATS is disabled"), parsed.logLines());
    assertFalse(parse("pci=nommconfX").extendedConfigDisabled());
    assertTrue(parse("pci=nommconf").extendedConfigDisabled());
    assertTrue(parse("pci=conf1").extendedConfigDisabled());
  }

  @Test
  void pciLogsWhatItDoesNotKnowAndKeepsSilentOnWhatIsNotOurs() {
    assertEquals(List.of("PCI: Unknown option `noacs'"), parse("pci=noacs").logLines());
    assertEquals(Verdict.UNKNOWN, verdict("pci=noacs", 0).verdict());
    assertEquals(List.of(), parse("pci=nocrs,realloc=off").verdicts());
    assertEquals(List.of(), parse("pci").logLines());
  }

  @Test
  void iommuStrictIsReadAndMovesNoDriver() {
    assertTrue(parse("").dmaStrict());
    assertFalse(parse("iommu.strict=0").dmaStrict());
    assertEquals(Verdict.NO_EFFECT_HERE, verdict("iommu.strict=0", 0).verdict());
    assertEquals(Verdict.MALFORMED, verdict("iommu.strict=foo", 0).verdict());
  }

  @Test
  void aWordTakenBackNamesTheWordThatDecides() {
    WordVerdict first = verdict("iommu=pt iommu.passthrough=0 iommu=nopt", 0);
    assertEquals(Verdict.OVERRIDDEN, first.verdict());
    assertEquals("iommu=nopt", first.overriddenBy());
    assertEquals(Verdict.HONOURED, verdict("iommu=pt iommu.passthrough=1", 0).verdict());
    assertEquals("iommu=nopt", verdict("iommu=pt iommu=nopt iommu=pt", 0).overriddenBy());
  }

  @Test
  void dashesAreUnderscoresInNamesOnly() {
    assertTrue(parse("intremap=no_x2apic_optout").x2apicOptOutIgnored());
    assertFalse(parse("intremap=no-x2apic-optout").x2apicOptOutIgnored());
  }

  @Test
  void aWordsPlaceIsThatOfItsFirstCharacter() {
    String line = "quiet iommu=\"off,pt\" \"intremap=nosid\"";
    for (WordVerdict verdict : parse(line).verdicts()) {
      assertTrue(line.startsWith(verdict.word(), verdict.offset()), verdict.toString());
    }
    assertEquals(17, verdict(line, 1).offset());
  }
}

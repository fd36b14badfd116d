package org.iommu4j.iommu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.iommu4j.iommu.policy.params.ParameterWord;
import org.iommu4j.iommu.policy.params.WordLedger;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.spi.VendorParameters;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineVerdictsTest {
  /** A vendor that honours whatever its one parameter holds. */
  private static final class Acme implements VendorParameters {
    @Override
    public ImmutableList<String> names() {
      return ImmutableList.of("acme_iommu");
    }

    @Override
    public ImmutableList<WordVerdict> judge(
        CommandLine line, KernelConfig config, KernelRules rules) {
      WordLedger ledger = new WordLedger();
      for (int i = 0; i < line.parameters().size(); i++) {
        if (line.parameters().get(i).isNamed("acme_iommu")) {
          ParameterWord word = ParameterWord.value(i, line.parameters().get(i));
          ledger.note(word, Verdict.HONOURED, "taken", "acme.c:setup");
        }
      }
      return ledger.verdicts();
    }
  }

  private static List<WordVerdict> judge(String line) {
    return CommandLineVerdicts.of(
        CommandLine.parse(line),
        KernelConfig.debian(),
        Linux510.RULES,
        List.of(new Acme(), VendorParameters.none()));
  }

  @Test
  void verdictsComeInTheOrderOfTheLine() {
    List<String> words =
        judge("quiet acme_iommu=on pcie_acs_override=multifunction iommu=pt,off root=/dev/sda")
            .stream()
            .map(WordVerdict::qualified)
            .toList();
    assertEquals(
        List.of("acme_iommu=on", "pcie_acs_override=multifunction", "iommu=pt", "iommu=off"),
        words);
  }

  @ParameterizedTest
  @CsvSource({
    "pcie_acs_override=downstream, UNKNOWN",
    "pci=noacs, UNKNOWN",
    "amd_iommu=on, UNKNOWN",
    "amd_iommu=pt, UNKNOWN",
    "amd_iommu=xoff, HONOURED",
    "amd_iommu, UNKNOWN",
    "iommu=1, NO_EFFECT_HERE",
    "iommu=on, UNKNOWN",
    "iommu.forcedac=1, UNKNOWN",
    "vfio_iommu_type1.allow_unsafe_interrupts=1, HONOURED",
    "vfio-pci.ids=10de:1eb8, HONOURED",
    "vfio.enable_unsafe_noiommu_mode=1, NO_EFFECT_HERE",
    "rd.driver.pre=vfio-pci, IGNORED",
    "kvm.ignore_msrs=1, NO_EFFECT_HERE",
    "kvm-intel.nested=1, NO_EFFECT_HERE",
    "mem_encrypt=on, HONOURED",
    "efi=disable_early_pci_dma, HONOURED",
    "nointremap, DEPRECATED",
    "iommu.passthru=1, UNKNOWN",
    "my_iommu=on, UNKNOWN",
  })
  void wordsThatPeopleBelieveInGetAnHonestVerdict(String word, Verdict verdict) {
    List<WordVerdict> verdicts = judge(word);
    assertEquals(1, verdicts.size(), verdicts.toString());
    assertEquals(verdict, verdicts.get(0).verdict(), verdicts.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "acme_immu=on, acme_iommu",
    "Acme-IOMMU=on, acme_iommu",
    "swoitlb=force, swiotlb",
    "iomu=pt, iommu",
    "iommu=PT, pt",
    "intremap=no_x2apic_opt_out, no_x2apic_optout",
    "pcie_acs_overide=downstream, pcie_acs_override",
    "iommu.passtrough=1, iommu.passthrough",
  })
  void whatIsNearlySpelledRightIsNamed(String word, String meant) {
    WordVerdict verdict = judge(word).get(0);
    assertEquals(Verdict.UNKNOWN, verdict.verdict());
    assertTrue(verdict.effect().endsWith("probably meant: " + meant), verdict.toString());
  }

  @ParameterizedTest
  @CsvSource({"pt, iommu=pt", "nopt, iommu=nopt", "igfx_off, intel_iommu=igfx_off"})
  void aWordOfAListThatStandsAloneIsToldItsParameter(String word, String meant) {
    WordVerdict verdict = judge(word).get(0);
    assertEquals(Verdict.UNKNOWN, verdict.verdict());
    assertTrue(verdict.effect().endsWith("write " + meant), verdict.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quiet",
        "psi=1",
        "nohz=off",
        "root=/dev/vda1 ro",
        "efi=debug",
        "acpi=noirq",
        "console=ttyS0",
        "BOOT_IMAGE=/vmlinuz",
        "-- iommu=pt",
      })
  void wordsThatAreNotOursAreNotListed(String line) {
    assertEquals(List.of(), judge(line));
  }
}

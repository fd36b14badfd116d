package org.iommu4j.vtd.policy;

import static org.iommu4j.iommu.policy.params.WordRule.startsWith;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.iommu4j.base.ReleaseSpan;
import org.iommu4j.iommu.policy.params.ParameterWord;
import org.iommu4j.iommu.policy.params.WordLedger;
import org.iommu4j.iommu.policy.params.WordRule;
import org.iommu4j.iommu.policy.params.WordTable;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * The words of {@code intel_iommu=}.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_setup}.
 */
final class IntelWords {
  static final String SOURCE = "drivers/iommu/intel/iommu.c:intel_iommu_setup";
  static final String DISABLED = "dmar_disabled";
  static final String NO_OPT_IN = "no_platform_optin";
  static final String MAP_GFX = "dmar_map_gfx";
  static final String MAP_INTGPU = "dmar_map_intgpu";
  static final String FORCE_DAC = "dmar_forcedac";
  static final String CORE_FORCE_DAC = "iommu_dma_forcedac";
  static final String STRICT = "intel_iommu_strict";
  static final String SUPERPAGES = "intel_iommu_superpage";
  static final String SCALABLE = "intel_iommu_sm";
  static final String TBOOT_NO_FORCE = "intel_iommu_tboot_noforce";
  static final String NO_BOUNCE = "intel_no_bounce";

  private static final WordRule INTGPU_OFF =
      startsWith(
              "intgpu_off",
              "the integrated GPU gets an identity domain (kernels of Debian only; eight characters"
                  + " are compared, so intgpu_on does the same)")
          .comparing(8)
          .set(MAP_INTGPU, "0")
          .logging("DMAR: Disable integrated GPU device mapping")
          .in(ReleaseSpan.until("5.11"));

  private static final WordRule INTGPU_OFF_WHOLE =
      startsWith(
              "intgpu_off", "the integrated GPU gets an identity domain (kernels of Debian only)")
          .set(MAP_INTGPU, "0")
          .logging("DMAR: Disable integrated GPU device mapping")
          .in(ReleaseSpan.since("5.11"));

  /** What each word does; the integrated GPU's is in Debian's kernels only. */
  static final WordTable TABLE =
      new WordTable(
          IntelParameters.NAME,
          SOURCE,
          ImmutableList.of(
              startsWith("on", "DMA is remapped if the hardware is there")
                  .set(DISABLED, "0")
                  .set(MAP_INTGPU, "1")
                  .logging("DMAR: IOMMU enabled"),
              startsWith(
                      "off", "DMA is not remapped, even if the firmware opts in to DMA protection")
                  .set(DISABLED, "1")
                  .set(NO_OPT_IN, "1")
                  .logging("DMAR: IOMMU disabled"),
              startsWith(
                      "igfx_off",
                      "units for graphics alone stay off and display devices get identity domains")
                  .set(MAP_GFX, "0")
                  .logging("DMAR: Disable GFX device mapping"),
              INTGPU_OFF,
              INTGPU_OFF_WHOLE,
              startsWith(
                      "forcedac", "addresses above 4 GiB are given out without trying below first")
                  .set(FORCE_DAC, "1")
                  .logging("DMAR: Forcing DAC for PCI devices")
                  .in(ReleaseSpan.until("5.13")),
              startsWith("forcedac", "as iommu.forcedac=1, which is to be written instead")
                  .judged(Verdict.DEPRECATED)
                  .set(CORE_FORCE_DAC, "1")
                  .logging("DMAR: intel_iommu=forcedac deprecated; use iommu.forcedac instead")
                  .in(ReleaseSpan.since("5.13")),
              startsWith("strict", "the hardware forgets a mapping before unmapping returns")
                  .set(STRICT, "1")
                  .logging("DMAR: Disable batched IOTLB flush")
                  .in(ReleaseSpan.until("5.15")),
              startsWith(
                      "strict",
                      "the hardware forgets a mapping before unmapping returns, even with"
                          + " iommu.strict=0; iommu.strict=1 is to be written instead")
                  .judged(Verdict.DEPRECATED)
                  .set(STRICT, "1")
                  .logging("DMAR: intel_iommu=strict deprecated; use iommu.strict=1 instead")
                  .in(ReleaseSpan.since("5.15")),
              startsWith("sp_off", "all mappings are made of 4 KiB pages")
                  .set(SUPERPAGES, "0")
                  .logging("DMAR: Disable supported super page"),
              startsWith("sm_on", "scalable mode is used if every unit has it")
                  .set(SCALABLE, "1")
                  .logging("DMAR: Intel-IOMMU: scalable mode supported")
                  .in(ReleaseSpan.until("5.14")),
              startsWith("sm_on", "scalable mode is used on units that have it")
                  .set(SCALABLE, "1")
                  .logging("DMAR: Enable scalable mode if hardware supports")
                  .in(ReleaseSpan.since("5.14")),
              startsWith("sm_off", "units that have scalable mode are used without")
                  .set(SCALABLE, "0")
                  .logging("DMAR: Scalable mode is disallowed")
                  .in(ReleaseSpan.since("5.14")),
              startsWith("tboot_noforce", "a measured launch does not force remapping on")
                  .set(TBOOT_NO_FORCE, "1")
                  .logging(
                      "DMAR: Intel-IOMMU: not forcing on after tboot. This could expose security risk"
                          + " for tboot"),
              startsWith("nobounce", "buffers of untrusted devices are mapped where they lie")
                  .set(NO_BOUNCE, "1")
                  .logging(
                      "DMAR: Intel-IOMMU: No bounce buffer. This could expose security risks of DMA"
                          + " attacks")
                  .in(ReleaseSpan.until("5.11"))));

  /** Words that people write here, and what to write instead. */
  private static final ImmutableMap<String, String> ADVICE =
      ImmutableMap.<String, String>builder()
          .put("pt", "write iommu=pt; alone, this turns nothing on")
          .put("passthrough", "write iommu=pt")
          .put("nopt", "write iommu=nopt")
          .put("1", "write intel_iommu=on")
          .put("y", "write intel_iommu=on")
          .put("yes", "write intel_iommu=on")
          .put("true", "write intel_iommu=on")
          .put("enable", "write intel_iommu=on")
          .put("enabled", "write intel_iommu=on")
          .put("0", "write intel_iommu=off")
          .put("disable", "write intel_iommu=off")
          .put("sm_off", "later kernels have it; here scalable mode is off without sm_on")
          .put("lazy", "it is how the driver works without strict")
          .put("igfx_on", "graphics is remapped without igfx_off")
          .put("soft", "write iommu=soft")
          .put("force", "write intel_iommu=on")
          .put("intremap", "write intremap=on")
          .buildOrThrow();

  private final WordTable table;
  private final @Nullable String unknownLine;

  IntelWords(PolicyRules rules, boolean knowsIntegratedGpu) {
    WordTable words = rules.words();
    table = knowsIntegratedGpu ? words : words.without(IntelWords::isForIntegratedGpu);
    unknownLine = rules.unknownWord();
  }

  private static boolean isForIntegratedGpu(WordRule rule) {
    return "0".equals(rule.sets().get(MAP_INTGPU));
  }

  /**
   * Judges a word.
   *
   * @param rest the list from the word on, as the kernel prints it
   */
  void judge(WordLedger ledger, ParameterWord word, String rest) {
    boolean known = table.find(word.text()).isPresent();
    if (!known && unknownLine != null) {
      ledger.log(String.format(unknownLine, rest));
    }
    String advice = ADVICE.get(word.text());
    if (advice == null || known) {
      table.judge(ledger, word);
    } else {
      String told = unknownLine == null ? "and nothing is said in the log" : "as the log says";
      String why = "no word of intel_iommu=, " + told + "; " + advice;
      ledger.note(word, Verdict.UNKNOWN, why, SOURCE);
    }
  }
}

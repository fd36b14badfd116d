package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.policy.params.ParameterWord;
import org.iommu4j.iommu.policy.params.WordLedger;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.CommandLine.Parameter;
import org.iommu4j.machine.KernelConfig;

/**
 * What {@code intel_iommu=} and the kernel's configuration leave behind.
 *
 * <p>The parameter is read once all early parameters are. It needs its equals sign, a dash serves
 * as well as an underscore, and every occurrence adds to those before.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_setup}, {@code
 * init/main.c:obsolete_checksetup}.
 *
 * @param driverBuilt whether the kernel has the driver at all
 * @param dmarDisabled whether remapping is off unless something forces it on
 * @param noPlatformOptIn whether the firmware's wish for DMA protection is ignored
 * @param mapGfx whether display devices are remapped
 * @param mapIntegratedGpu whether the integrated GPU is remapped (kernels of Debian; else true)
 * @param forceDac whether addresses above 4 GiB are given out first
 * @param strict whether unmapping waits for the hardware
 * @param superpages whether large pages are used
 * @param scalableMode whether scalable mode is wanted
 * @param tbootNoForce whether a measured launch may leave remapping off
 * @param noBounce whether untrusted devices go without bounce buffers
 * @param logLines what the kernel logs, without time stamps
 * @param verdicts a verdict for every word, in the order of the line
 */
@Immutable
public record IntelParameters(
    boolean driverBuilt,
    boolean dmarDisabled,
    boolean noPlatformOptIn,
    boolean mapGfx,
    boolean mapIntegratedGpu,
    boolean forceDac,
    boolean strict,
    boolean superpages,
    boolean scalableMode,
    boolean tbootNoForce,
    boolean noBounce,
    ImmutableList<String> logLines,
    ImmutableList<WordVerdict> verdicts) {
  /** The parameter's name. */
  static final String NAME = "intel_iommu";

  /**
   * Reads the parameter as often as it stands in the line; never fails.
   *
   * @param rules the release's words
   */
  public static IntelParameters parse(CommandLine line, KernelConfig config, PolicyRules rules) {
    IntelConfig built = IntelConfig.of(config);
    WordLedger ledger = new WordLedger();
    for (int i = 0; i < line.parameters().size(); i++) {
      if (line.parameters().get(i).isNamed(NAME)) {
        apply(ledger, built, rules, i, line.parameters().get(i));
      }
    }
    return result(built, ledger);
  }

  private static void apply(
      WordLedger ledger, IntelConfig built, PolicyRules rules, int index, Parameter parameter) {
    ImmutableList<ParameterWord> words = ParameterWord.cut(index, parameter);
    ParameterWord whole = ParameterWord.whole(index, parameter);
    if (parameter.value() == null) {
      String why =
          "without = the driver is not asked, and init gets the word; write intel_iommu=on";
      ledger.note(whole, Verdict.MALFORMED, why, "init/main.c:obsolete_checksetup");
    } else if (words.isEmpty()) {
      ledger.note(whole, Verdict.IGNORED, "the list is empty", IntelWords.SOURCE);
    } else if (!built.driver()) {
      String why = "this kernel is built without CONFIG_INTEL_IOMMU";
      words.forEach(
          word -> ledger.note(word, Verdict.NO_EFFECT_HERE, why, "drivers/iommu/intel/Kconfig"));
    } else {
      IntelWords known = new IntelWords(rules, built.knowsIntegratedGpu());
      String list = parameter.value();
      words.forEach(
          word ->
              known.judge(ledger, word, list.substring(word.offset() - parameter.valueOffset())));
    }
  }

  private static IntelParameters result(IntelConfig built, WordLedger ledger) {
    ImmutableMap<String, String> said = ledger.variables();
    return new IntelParameters(
        built.driver(),
        isSet(said, IntelWords.DISABLED, !built.on()),
        isSet(said, IntelWords.NO_OPT_IN, false),
        isSet(said, IntelWords.MAP_GFX, true),
        isSet(said, IntelWords.MAP_INTGPU, built.mapIntegratedGpu()),
        isSet(said, IntelWords.FORCE_DAC, false) || isSet(said, IntelWords.CORE_FORCE_DAC, false),
        isSet(said, IntelWords.STRICT, false),
        isSet(said, IntelWords.SUPERPAGES, true),
        isSet(said, IntelWords.SCALABLE, built.scalableMode()),
        isSet(said, IntelWords.TBOOT_NO_FORCE, false),
        isSet(said, IntelWords.NO_BOUNCE, false),
        ledger.logLines(),
        ledger.verdicts());
  }

  private static boolean isSet(ImmutableMap<String, String> said, String name, boolean otherwise) {
    return said.getOrDefault(name, otherwise ? "1" : "0").equals("1");
  }
}

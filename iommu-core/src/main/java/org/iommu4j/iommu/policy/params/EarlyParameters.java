package org.iommu4j.iommu.policy.params;

import static org.iommu4j.iommu.policy.params.WordRule.equalTo;
import static org.iommu4j.iommu.policy.params.WordRule.startsWith;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.iommu4j.base.ReleaseSpan;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.machine.CommandLine.Parameter;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.swiotlb.SwiotlbRules;
import org.jspecify.annotations.Nullable;

/**
 * The generic early parameters, each handled as the kernel handles it.
 *
 * <p>Source: {@code init/main.c:do_early_param}.
 */
final class EarlyParameters {
  private static final String REMAP = "drivers/iommu/irq_remapping.c:setup_irqremap";
  private static final String PASSTHROUGH = "drivers/iommu/iommu.c:iommu_set_def_domain_type";
  private static final String STRICT = "drivers/iommu/iommu.c:iommu_dma_setup";
  private static final String FORCE_DAC_NAME = "iommu.forcedac";
  private static final String FORCE_DAC = "drivers/iommu/dma-iommu.c:iommu_dma_forcedac_setup";
  private static final String NO_VALUE = "the parameter needs a value; the kernel refuses it";

  static final WordTable INTREMAP =
      new WordTable(
          "intremap",
          REMAP,
          ImmutableList.of(
              startsWith("on", "interrupts are remapped and posted if the hardware can")
                  .set(Variables.NO_IRQ_REMAP, "0")
                  .set(Variables.NO_IRQ_POST, "0"),
              startsWith("off", "interrupts are neither remapped nor posted")
                  .set(Variables.NO_IRQ_REMAP, "1")
                  .set(Variables.NO_IRQ_POST, "1"),
              startsWith("nosid", "who sends an interrupt is not checked")
                  .set(Variables.NO_SOURCE_ID, "1"),
              startsWith("no_x2apic_optout", "the firmware's wish to stay out of x2APIC is ignored")
                  .set(Variables.NO_X2APIC_OPTOUT, "1"),
              startsWith("nopost", "interrupts are not posted to virtual CPUs")
                  .set(Variables.NO_IRQ_POST, "1")));

  /** {@code iommu.strict=}; what it sets goes by its value. */
  static final WordTable STRICT_TABLE =
      new WordTable(
          "iommu.strict",
          STRICT,
          ImmutableList.of(
              equalTo(
                      "",
                      "in this release no IOMMU driver of x86 looks at it; each has a word of its"
                          + " own to flush at every unmap")
                  .judged(Verdict.NO_EFFECT_HERE)
                  .in(ReleaseSpan.until("5.15")),
              equalTo(
                      "",
                      "with 1 the hardware forgets a mapping before unmapping returns, with 0 later"
                          + " and many at once")
                  .in(ReleaseSpan.since("5.15"))));

  /** {@code iommu.forcedac=}; what it sets goes by its value. */
  static final WordTable FORCE_DAC_TABLE =
      new WordTable(
          FORCE_DAC_NAME,
          FORCE_DAC,
          ImmutableList.of(
              equalTo("", "with 1 no device is given addresses below 4 GiB first")
                  .in(ReleaseSpan.since("5.13"))));

  private static final ImmutableMap<String, String> SKIPS_IOAPIC =
      ImmutableMap.of(
          "noapic", "arch/x86/kernel/apic/io_apic.c:parse_noapic",
          "nosmp", "kernel/smp.c:nosmp",
          "maxcpus", "kernel/smp.c:maxcpus",
          "nolapic", "arch/x86/kernel/apic/apic.c:setup_nolapic",
          "disableapic", "arch/x86/kernel/apic/apic.c:setup_disableapic");

  private static final WordRule NOINTREMAP =
      equalTo("nointremap", "interrupts are not remapped, whatever the value; say intremap=off")
          .judged(Verdict.DEPRECATED)
          .set(Variables.NO_IRQ_REMAP, "1");

  /** The names of parameters that all releases have; dashes and underscores are the same. */
  private static final ImmutableList<String> NAMES =
      ImmutableList.of(
          "iommu",
          "iommu.passthrough",
          "iommu.strict",
          "intremap",
          "nointremap",
          "swiotlb",
          "pci",
          "noapic",
          "nosmp",
          "maxcpus",
          "nolapic",
          "disableapic");

  private final WordLedger ledger;
  private final ParameterRules rules;
  private final SwiotlbWords swiotlbWords;
  private final boolean hasSwiotlb;
  private final boolean hasBios;

  EarlyParameters(
      WordLedger ledger, KernelConfig config, ParameterRules rules, SwiotlbRules slots) {
    this.ledger = ledger;
    this.rules = rules;
    this.swiotlbWords = new SwiotlbWords(rules.swiotlb(), slots);
    this.hasSwiotlb = config.isEnabled("CONFIG_SWIOTLB");
    this.hasBios = config.isEnabled("CONFIG_PCI_BIOS");
  }

  /** Returns the names of the parameters that a release has. */
  static ImmutableList<String> names(ParameterRules rules) {
    ImmutableList.Builder<String> names = ImmutableList.<String>builder().addAll(NAMES);
    if (!rules.forceDac().rules().isEmpty()) {
      names.add(FORCE_DAC_NAME);
    }
    return names.build();
  }

  void apply(int index, Parameter parameter) {
    if (parameter.isNamed("nointremap")) {
      ParameterWord word = ParameterWord.whole(index, parameter);
      ledger.enter(word, NOINTREMAP, "drivers/iommu/irq_remapping.c:setup_nointremap");
    } else if (skipIoapic(index, parameter)) {
      return;
    } else if (parameter.isNamed("iommu")) {
      list(index, parameter, IommuWords.SOURCE);
      IommuWords.apply(rules.iommu(), ledger, index, parameter, hasSwiotlb);
    } else if (parameter.isNamed("intremap")) {
      list(index, parameter, REMAP);
      ParameterWord.cut(index, parameter).forEach(word -> rules.intremap().judge(ledger, word));
    } else if (parameter.isNamed("iommu.passthrough")) {
      passthrough(index, parameter);
    } else if (parameter.isNamed("iommu.strict")) {
      truth(index, parameter, rules.strict(), Variables.DMA_STRICT);
    } else if (parameter.isNamed(FORCE_DAC_NAME) && !rules.forceDac().rules().isEmpty()) {
      truth(index, parameter, rules.forceDac(), Variables.FORCE_DAC);
    } else if (parameter.isNamed("swiotlb")) {
      swiotlbWords.apply(ledger, index, parameter, hasSwiotlb);
    } else if (parameter.isNamed("pci")) {
      pci(index, parameter);
    }
  }

  // arch/x86/kernel/apic/apic.c:enable_IR_x2apic gives up on remapping interrupts before it looks
  // at the hardware.
  private boolean skipIoapic(int index, Parameter parameter) {
    String source = SKIPS_IOAPIC.get(parameter.name());
    if (source == null || (parameter.isNamed("maxcpus") && !isZero(parameter.value()))) {
      return false;
    }
    ledger.enter(
        ParameterWord.whole(index, parameter),
        equalTo(parameter.name(), "interrupts are not remapped, since IOAPICs are not set up")
            .set(Variables.SKIP_IOAPIC, "1"),
        source);
    return true;
  }

  private static boolean isZero(@Nullable String value) {
    return value != null
        && KernelValues.startsWithDigit(value)
        && KernelValues.unsignedLong(value).value() == 0;
  }

  /** Enters a list without any word: refused where there is no equals sign, else passed over. */
  private void list(int index, Parameter parameter, String source) {
    if (parameter.value() == null) {
      refuse(index, parameter, NO_VALUE, source);
    } else {
      noteIfEmpty(index, parameter, source);
    }
  }

  private void noteIfEmpty(int index, Parameter parameter, String source) {
    if (ParameterWord.cut(index, parameter).isEmpty()) {
      ParameterWord word = ParameterWord.whole(index, parameter);
      ledger.note(word, Verdict.IGNORED, "the list is empty", source);
    }
  }

  private void pci(int index, Parameter parameter) {
    noteIfEmpty(index, parameter, "drivers/pci/pci.c:pci_setup"); // no complaint without a value
    PciWords.apply(rules.pci(), ledger, index, parameter, hasBios);
  }

  private void passthrough(int index, Parameter parameter) {
    Optional<Boolean> on = KernelValues.truth(parameter.value(), rules.truthIsT());
    if (on.isEmpty()) {
      refuse(index, parameter, notTruth(parameter), PASSTHROUGH);
      return;
    }
    DomainType type = on.get() ? DomainType.IDENTITY : DomainType.DMA;
    String kind = on.get() ? "identity" : "translated";
    ledger.enter(
        ParameterWord.value(index, parameter),
        equalTo("", "devices get " + kind + " domains unless something else is demanded")
            .set(Variables.DOMAIN_TYPE, type.name()),
        PASSTHROUGH);
  }

  private void truth(int index, Parameter parameter, WordTable table, String variable) {
    Optional<Boolean> on = KernelValues.truth(parameter.value(), rules.truthIsT());
    if (on.isEmpty()) {
      refuse(index, parameter, notTruth(parameter), table.source());
      return;
    }
    ledger.enter(
        ParameterWord.value(index, parameter),
        table.rules().get(0).set(variable, on.get() ? "1" : "0"),
        table.source());
  }

  private static String notTruth(Parameter parameter) {
    return parameter.value() == null
        ? NO_VALUE
        : "not a truth value (1, y, on, 0, n, off): refused";
  }

  private void refuse(int index, Parameter parameter, String why, String source) {
    logMalformed(ledger, parameter);
    ledger.note(ParameterWord.value(index, parameter), Verdict.MALFORMED, why, source);
  }

  /** Logs what the kernel says of an early parameter whose handler did not return 0. */
  static void logMalformed(WordLedger ledger, Parameter parameter) {
    ledger.log("Malformed early option '" + parameter.name() + "'");
  }
}

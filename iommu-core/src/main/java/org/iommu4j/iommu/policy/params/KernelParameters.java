package org.iommu4j.iommu.policy.params;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.swiotlb.PoolShape;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.swiotlb.SwiotlbRules;

/**
 * What the generic boot parameters leave behind, before any driver looks at the machine. Immutable.
 *
 * <p>Early parameters run in the order of the line, repeats included, with dashes and underscores
 * alike; where two set the same thing the last one wins.
 *
 * <p>Source: {@code init/main.c:parse_early_param}.
 */
public final class KernelParameters {
  private final ImmutableMap<String, String> variables;
  private final ImmutableList<WordVerdict> verdicts;
  private final ImmutableList<String> logLines;

  private KernelParameters(WordLedger ledger) {
    this.variables = ledger.variables();
    this.verdicts = ledger.verdicts();
    this.logLines = ledger.logLines();
  }

  /**
   * Handles the parameters of a command line; never fails, as the kernel's parser never does.
   *
   * @param rules the words of the release
   * @param slots what the release makes of the number in {@code swiotlb=}
   */
  public static KernelParameters parse(
      CommandLine line, KernelConfig config, ParameterRules rules, SwiotlbRules slots) {
    WordLedger ledger = new WordLedger();
    EarlyParameters handlers = new EarlyParameters(ledger, config, rules, slots);
    for (int i = 0; i < line.parameters().size(); i++) {
      handlers.apply(i, line.parameters().get(i));
    }
    return new KernelParameters(ledger);
  }

  /** Returns the names of the parameters that are handled here. */
  public static ImmutableList<String> names(ParameterRules rules) {
    return EarlyParameters.names(rules);
  }

  /** Returns whether {@code iommu=off} was said. */
  public boolean noIommu() {
    return isSet(Variables.NO_IOMMU);
  }

  /** Returns whether {@code iommu=force} was said; only the driver of AMD's GART reads it. */
  public boolean forceIommu() {
    return isSet(Variables.FORCE_IOMMU);
  }

  /** Returns whether {@code iommu=usedac} keeps 64-bit addresses behind bridges by VIA. */
  public boolean viaDacQuirkDisabled() {
    return isSet(Variables.DISABLE_DAC_QUIRK);
  }

  /** Returns whether {@code iommu=soft} asked for a bounce pool instead of a hardware IOMMU. */
  public boolean swiotlbRequested() {
    return isSet(Variables.SWIOTLB);
  }

  /** Returns the slots asked for, unsigned, whole segments or 1; 0 is the default size. */
  public long swiotlbSlots() {
    return Long.parseUnsignedLong(variables.getOrDefault(Variables.SLOTS, "0"));
  }

  /**
   * Returns the slots that are asked for as {@link PoolShape} takes them, after what was said of
   * areas.
   */
  public long swiotlbSlotsAsked() {
    return variables.containsKey(Variables.SLOTS) ? swiotlbSlots() : PoolShape.SLOTS_NOT_ASKED;
  }

  /** Returns how many areas are asked for, rounded, or {@link PoolShape#AREAS_NOT_ASKED}. */
  public int swiotlbAreas() {
    String areas = variables.get(Variables.AREAS);
    return areas == null ? PoolShape.AREAS_NOT_ASKED : Integer.parseInt(areas);
  }

  /** Returns whether direct mappings bounce always, at need, or never. */
  public SwiotlbForce swiotlbForce() {
    if (isSet(Variables.FORCE_DISABLE)) {
      return SwiotlbForce.NO_FORCE;
    }
    if (isSet(Variables.FORCE_BOUNCE)) {
      return SwiotlbForce.FORCE;
    }
    String value = variables.getOrDefault(Variables.SWIOTLB_FORCE, SwiotlbForce.NORMAL.name());
    return SwiotlbForce.valueOf(value);
  }

  /** Returns the default domain type, if the command line says one. */
  public Optional<DomainType> commandLineDomainType() {
    return Optional.ofNullable(variables.get(Variables.DOMAIN_TYPE)).map(DomainType::valueOf);
  }

  /** Returns whether {@code iommu.forcedac} was said. */
  public boolean dacForced() {
    return isSet(Variables.FORCE_DAC);
  }

  /** Returns {@code iommu.strict}, if the command line says it. */
  public Optional<Boolean> commandLineStrict() {
    return Optional.ofNullable(variables.get(Variables.DMA_STRICT)).map("1"::equals);
  }

  /** Returns {@code iommu.strict}, which only drivers built on dma-iommu look at. */
  public boolean dmaStrict() {
    return !"0".equals(variables.get(Variables.DMA_STRICT));
  }

  /** Returns whether interrupt remapping is switched off. */
  public boolean interruptRemappingDisabled() {
    return isSet(Variables.NO_IRQ_REMAP);
  }

  /** Returns whether IOAPICs are not set up, and interrupts so not remapped either. */
  public boolean ioapicSkipped() {
    return isSet(Variables.SKIP_IOAPIC);
  }

  /** Returns whether posting interrupts is switched off. */
  public boolean interruptPostingDisabled() {
    return isSet(Variables.NO_IRQ_POST);
  }

  /** Returns whether the sender of a remapped interrupt goes unchecked. */
  public boolean sourceIdCheckingDisabled() {
    return isSet(Variables.NO_SOURCE_ID);
  }

  /** Returns whether the firmware's wish to stay out of x2APIC is ignored. */
  public boolean x2apicOptOutIgnored() {
    return isSet(Variables.NO_X2APIC_OPTOUT);
  }

  /** Returns whether {@code pci=noats} was said. */
  public boolean atsDisabled() {
    return isSet(Variables.ATS_DISABLED);
  }

  /** Returns whether {@code pci=noari} was said. */
  public boolean ariDisabled() {
    return isSet(Variables.ARI_DISABLED);
  }

  /** Returns whether {@code pci=pcie_scan_all} was said. */
  public boolean allSlotsScanned() {
    return isSet(Variables.SCAN_ALL);
  }

  /** Returns whether config space beyond 256 bytes is out of reach. */
  public boolean extendedConfigDisabled() {
    return "0".equals(variables.get(Variables.MMCONFIG));
  }

  /** Returns the devices of {@code pci=disable_acs_redir=}, as written, semicolons between them. */
  public Optional<String> disableAcsRedir() {
    return Optional.ofNullable(variables.get(Variables.ACS_REDIR));
  }

  /** Returns what the parameters set, by the kernel's names of the variables. */
  public ImmutableMap<String, String> variables() {
    return variables;
  }

  /** Returns a verdict for every word of these parameters that touches DMA, in line order. */
  public ImmutableList<WordVerdict> verdicts() {
    return verdicts;
  }

  /** Returns what the kernel logs of these parameters, without time stamps. */
  public ImmutableList<String> logLines() {
    return logLines;
  }

  private boolean isSet(String variable) {
    return "1".equals(variables.get(variable));
  }
}

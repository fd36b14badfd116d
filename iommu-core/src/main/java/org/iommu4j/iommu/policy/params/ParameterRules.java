package org.iommu4j.iommu.policy.params;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Release;
import org.iommu4j.base.ReleaseSpan;

/**
 * The words that a release knows in the generic boot parameters, and what each of them does.
 *
 * @param iommu the words of {@code iommu=}
 * @param strict what {@code iommu.strict=} does
 * @param forceDac what {@code iommu.forcedac=} does; no rule in releases without it
 * @param intremap the words of {@code intremap=}
 * @param swiotlb the words of {@code swiotlb=}, after its number
 * @param pci the words of {@code pci=}
 * @param truthIsT whether a truth value may begin with {@code t} or {@code f}
 * @param known what is true of words that no parameter of the model reads
 */
@Immutable
public record ParameterRules(
    WordTable iommu,
    WordTable strict,
    WordTable forceDac,
    WordTable intremap,
    WordTable swiotlb,
    PciTables pci,
    boolean truthIsT,
    KnownWords known) {
  /** Returns what all releases are known to have, cut to one of them. */
  public static ParameterRules of(Release release) {
    return new ParameterRules(
        IommuWords.TABLE.cutTo(release),
        EarlyParameters.STRICT_TABLE.cutTo(release),
        EarlyParameters.FORCE_DAC_TABLE.cutTo(release),
        EarlyParameters.INTREMAP.cutTo(release),
        SwiotlbWords.TABLE.cutTo(release),
        new PciTables(
            PciWords.ARCHITECTURE.cutTo(release),
            PciWords.BIOS.cutTo(release),
            PciWords.GENERIC.cutTo(release)),
        ReleaseSpan.since("5.19").contains(release),
        KnownWords.of(release));
  }

  /**
   * The words of {@code pci=}.
   *
   * @param architecture what x86 reads, before anything else
   * @param bios what x86 reads where its BIOS may be called
   * @param generic what all machines read
   */
  @Immutable
  public record PciTables(WordTable architecture, WordTable bios, WordTable generic) {}
}

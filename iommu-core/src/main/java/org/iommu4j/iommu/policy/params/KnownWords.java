package org.iommu4j.iommu.policy.params;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;

/** Words that people write because they read of them somewhere. A table of facts. */
public final class KnownWords {
  private static final String TURN_ON =
      "it turns nothing on: the IOMMU is turned on with its vendor's own parameter,"
          + " intel_iommu=on; an AMD IOMMU is on by itself";

  /** Advice on words that a list of this name does not know, by {@code parameter=word}. */
  private static final ImmutableMap<String, String> ADVICE =
      ImmutableMap.<String, String>builder()
          .put("iommu=on", "no word of iommu=; " + TURN_ON)
          .put("iommu=y", "no word of iommu=; " + TURN_ON)
          .put("iommu=enable", "no word of iommu=; " + TURN_ON)
          .put(
              "iommu=strict",
              "no word of iommu=; the vendor's parameter has it: intel_iommu=strict")
          .put("iommu=passthrough", "no word of iommu=; write iommu=pt or iommu.passthrough=1")
          .put("iommu=passthru", "no word of iommu=; write iommu=pt or iommu.passthrough=1")
          .put(
              "pci=noacs",
              "no kernel has it; pci=disable_acs_redir=DEVICES clears what splits groups, for"
                  + " devices named")
          .put(
              "pci=config_acs",
              "later kernels have it; here pci=disable_acs_redir=DEVICES clears a part of ACS")
          .put("pci=noiommu", "no word of pci=; write iommu=off")
          .put("swiotlb=off", "no word of swiotlb=; write swiotlb=noforce for a pool of one slot")
          .put("swiotlb=on", "no word of swiotlb=; write swiotlb=force to bounce everything")
          .put("intremap=posted_msi", "later kernels have it")
          .put("intremap=nox2apic_optout", "write intremap=no_x2apic_optout")
          .buildOrThrow();

  private KnownWords() {}

  /** Returns what there is to say of a word that the parameter does not have. */
  public static Optional<String> advice(String parameter, String word) {
    int equals = word.indexOf('=', 1);
    String bare = equals < 0 ? word : word.substring(0, equals);
    return Optional.ofNullable(ADVICE.get(parameter + "=" + bare));
  }

  static String number() {
    return "the size of AMD's graphics aperture (GART), nothing else; " + TURN_ON;
  }
}

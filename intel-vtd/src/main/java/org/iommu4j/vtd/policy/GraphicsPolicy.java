package org.iommu4j.vtd.policy;

import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.iommu4j.vtd.policy.PolicyRules.Trait;
import org.jspecify.annotations.Nullable;

/**
 * What the command line and the chipset say of graphics and audio.
 *
 * @param unmappedBecause why display devices are not translated, or null if they are
 * @param strict whether the chipset demands that unmapping waits for the hardware
 * @param writeBufferFlush whether the chipset demands that write buffers are flushed
 * @param identityMapping which devices demand a domain type of their own
 */
public record GraphicsPolicy(
    @Nullable String unmappedBecause,
    boolean strict,
    boolean writeBufferFlush,
    IdentityMapping identityMapping) {

  /**
   * Decides for a machine.
   *
   * @param rules whether display devices that are not translated are mapped one to one
   * @param trust which devices are untrusted
   */
  public static GraphicsPolicy of(
      PciTopology pci, IntelParameters parameters, PolicyRules rules, TrustRule trust) {
    ChipsetQuirks chipset = ChipsetQuirks.of(pci, parameters.mapGfx(), trust);
    String unmapped = parameters.mapGfx() ? chipset.graphicsUnmapped() : "intel_iommu=igfx_off";
    String integrated = parameters.mapIntegratedGpu() ? null : "integrated GPU is not mapped";
    String audio = IsochronousAudio.of(pci, trust).mappedOneToOneBecause();
    return new GraphicsPolicy(
        unmapped,
        chipset.strict() != null,
        chipset.writeBufferFlush() != null,
        new IdentityMapping(
            rules.does(Trait.PASSES_GRAPHICS_THROUGH) ? unmapped : null, integrated, audio));
  }
}

package org.iommu4j.vtd.policy;

import org.iommu4j.machine.pci.PciTopology;
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

  /** Decides for a machine. */
  public static GraphicsPolicy of(PciTopology pci, IntelParameters parameters) {
    ChipsetQuirks chipset = ChipsetQuirks.of(pci, parameters.mapGfx());
    String unmapped = parameters.mapGfx() ? chipset.graphicsUnmapped() : "intel_iommu=igfx_off";
    String integrated = parameters.mapIntegratedGpu() ? null : "integrated GPU is not mapped";
    String audio = IsochronousAudio.of(pci).mappedOneToOneBecause();
    return new GraphicsPolicy(
        unmapped,
        chipset.strict() != null,
        chipset.writeBufferFlush() != null,
        new IdentityMapping(unmapped, integrated, audio));
  }
}

package org.iommu4j.vtd.policy;

import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.jspecify.annotations.Nullable;

/**
 * The audio device of Tylersburg chipsets, which deadlocks behind a unit to which firmware gave no
 * buffer for translations.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:check_tylersburg_isoch}.
 *
 * @param mappedOneToOneBecause why the device must not be translated, or null
 * @param warning what the kernel prints, or null
 */
public record IsochronousAudio(@Nullable String mappedOneToOneBecause, @Nullable String warning) {
  private static final int INTEL = 0x8086;
  private static final int AUDIO = 0x3a3e;
  private static final int SYSTEM_REGISTERS = 0x342e;
  private static final int CONTROL = 0x188;
  private static final int ROUTED_ELSEWHERE = 1;
  private static final int ENTRIES = 0x1c;
  private static final int ENTRIES_WANTED = 0x10;
  private static final IsochronousAudio FINE = new IsochronousAudio(null, null);

  /** Checks a machine. */
  public static IsochronousAudio of(PciTopology pci, TrustRule trust) {
    PciDevice audio = pci.firstWithIds(INTEL, AUDIO);
    PciDevice registers = pci.firstWithIds(INTEL, SYSTEM_REGISTERS);
    if (audio == null
        || audio.untrusted(trust)
        || registers == null
        || registers.untrusted(trust)) {
      return FINE;
    }
    if (registers.config().sizeBytes() < CONTROL + Integer.BYTES) {
      return FINE;
    }
    int control = registers.config().readDword(CONTROL);
    int entries = control & ENTRIES;
    if ((control & ROUTED_ELSEWHERE) != 0 || entries == ENTRIES_WANTED) {
      return FINE;
    }
    if (entries == 0) {
      String warning = "Your BIOS is broken; DMA routed to ISOCH DMAR unit but no TLB space.";
      return new IsochronousAudio(registers + " gives the isochronous unit no TLB", warning);
    }
    String few =
        String.format(
            "DMAR: Recommended TLB entries for ISOCH unit is 16; your BIOS set %d", entries);
    return new IsochronousAudio(null, few);
  }
}

package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.quirks.IdSet;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.jspecify.annotations.Nullable;

/**
 * What Intel's chipsets and graphics devices make the driver do otherwise.
 *
 * <p>Untrusted devices have no say: their ids could be made up to weaken the remapping.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c}, the fixups at its end.
 *
 * @param graphicsUnmapped why display devices are not translated, or null
 * @param writeBufferFlush why write buffers are flushed though the unit does not ask for it, or
 *     null
 * @param strict why unmapping waits for the hardware, or null
 * @param translationKept why translation is not switched off on a unit of graphics, or null
 * @param log what the kernel prints
 */
record ChipsetQuirks(
    @Nullable String graphicsUnmapped,
    @Nullable String writeBufferFlush,
    @Nullable String strict,
    @Nullable String translationKept,
    ImmutableList<String> log) {
  /** {@code quirk_iommu_igfx}: Q35, G4x, QM57 and Broadwell. */
  static final IdSet GRAPHICS_UNMAPPED =
      IdSet.of(
          "29b2 2a40 2e00 2e10 2e20 2e30 2e40 2e90 0044"
              + " 1602 1606 160a 160b 160d 160e 1612 1616 161a 161b 161d 161e"
              + " 1622 1626 162a 162b 162d 162e 1632 1636 163a 163b 163d 163e");

  /** {@code quirk_iommu_rwbf}: the mobile and desktop 4 series. */
  static final IdSet WRITE_BUFFER_FLUSH = IdSet.of("2a40 2e00 2e10 2e20 2e30 2e40 2e90");

  /** {@code quirk_calpella_no_shadow_gtt}: host bridges of Ironlake graphics. */
  static final IdSet SHADOW_TABLE = IdSet.of("0040 0062 006a");

  /** {@code quirk_igfx_skip_te_disable}: the upper byte of graphics devices' ids. */
  static final IdSet TRANSLATION_KEPT =
      IdSet.of("4500-46ff 4c00-4cff 4e00-4eff 7d00-7dff 8a00-8aff 9800-98ff 9a00-9aff a700-a7ff");

  /**
   * Applies the fixups in the order in which devices are found.
   *
   * @param graphicsMapped whether the command line leaves graphics translated
   * @param trust which devices are untrusted
   */
  public static ChipsetQuirks of(PciTopology pci, boolean graphicsMapped, TrustRule trust) {
    Fixups fixups = new Fixups(graphicsMapped, trust);
    for (PciDevice device : pci.devices()) {
      if (device.vendorId() == 0x8086) {
        fixups.apply(device);
      }
    }
    return fixups.result();
  }

  private static final class Fixups {
    private static final int GRAPHICS_CONTROL = 0x52;
    private static final int SHADOW_TABLE_PRESENT = 0x8 << 8;

    private final ImmutableList.Builder<String> log = ImmutableList.builder();
    private final TrustRule trust;
    private boolean graphicsMapped;
    private @Nullable String graphicsUnmapped;
    private @Nullable String writeBufferFlush;
    private @Nullable String strict;
    private @Nullable String translationKept;

    Fixups(boolean graphicsMapped, TrustRule trust) {
      this.graphicsMapped = graphicsMapped;
      this.trust = trust;
    }

    void apply(PciDevice device) {
      int id = device.deviceId();
      if (GRAPHICS_UNMAPPED.contains(id) && isTrusted(device)) {
        unmapGraphics(print(device, "Disabling IOMMU for graphics on this chipset"));
      }
      if (WRITE_BUFFER_FLUSH.contains(id) && isTrusted(device)) {
        writeBufferFlush = print(device, "TranslationSwitch write-buffer flush capability");
      }
      if (SHADOW_TABLE.contains(id) && isTrusted(device)) {
        checkShadowTable(device);
      }
      if (device.isDisplay() && TRANSLATION_KEPT.contains(id) && isTrusted(device)) {
        translationKept = print(device, "Skip IOMMU disabling for graphics");
      }
    }

    private boolean isTrusted(PciDevice device) {
      boolean untrusted = device.untrusted(trust);
      if (untrusted) {
        print(
            device,
            String.format(
                "Skipping IOMMU quirk for dev [%04X:%04X] on untrusted PCI link",
                device.vendorId(), device.deviceId()));
        print(device, "Please check with your BIOS/Platform vendor about this");
      }
      return !untrusted;
    }

    private void unmapGraphics(String because) {
      graphicsMapped = false;
      graphicsUnmapped = graphicsUnmapped == null ? because : graphicsUnmapped;
    }

    private void checkShadowTable(PciDevice device) {
      if ((device.config().readWord(GRAPHICS_CONTROL) & SHADOW_TABLE_PRESENT) == 0) {
        unmapGraphics(
            print(device, "BIOS has allocated no shadow GTT; disabling IOMMU for graphics"));
      } else if (graphicsMapped) {
        strict = print(device, "Disabling batched IOTLB flush on Ironlake");
      }
    }

    private String print(PciDevice device, String text) {
      String line = "pci " + device + ": DMAR: " + text;
      log.add(line);
      return line;
    }

    ChipsetQuirks result() {
      return new ChipsetQuirks(
          graphicsUnmapped, writeBufferFlush, strict, translationKept, log.build());
    }
  }
}

package org.iommu4j.vtd.report;

import com.google.common.collect.ImmutableMap;

/**
 * Words for the classes of PCI functions.
 *
 * <p>Source: PCI Code and ID Assignment specification.
 */
final class PciClassNames {
  private static final ImmutableMap<Integer, String> SUBCLASSES =
      ImmutableMap.<Integer, String>builder()
          .put(0x0101, "IDE controller")
          .put(0x0104, "RAID controller")
          .put(0x0106, "SATA controller")
          .put(0x0107, "SAS controller")
          .put(0x0108, "NVM controller")
          .put(0x0200, "Ethernet controller")
          .put(0x0300, "VGA controller")
          .put(0x0401, "audio device")
          .put(0x0403, "audio device")
          .put(0x0600, "host bridge")
          .put(0x0601, "ISA bridge")
          .put(0x0604, "PCI bridge")
          .put(0x0680, "other bridge")
          .put(0x0700, "serial controller")
          .put(0x0780, "communication controller")
          .put(0x0800, "interrupt controller")
          .put(0x0806, "IOMMU")
          .put(0x0880, "system peripheral")
          .put(0x0c03, "USB controller")
          .put(0x0c05, "SMBus controller")
          .buildOrThrow();
  private static final String[] BASE_CLASSES = {
    "old device",
    "storage controller",
    "network controller",
    "display controller",
    "multimedia controller",
    "memory controller",
    "bridge",
    "communication controller",
    "system peripheral",
    "input device",
    "docking station",
    "processor",
    "serial bus controller",
    "wireless controller",
    "intelligent controller",
    "satellite controller",
    "encryption controller",
    "signal processing controller",
    "processing accelerator"
  };

  private PciClassNames() {}

  static String of(int subclass) {
    String exact = SUBCLASSES.get(subclass);
    if (exact != null) {
      return exact;
    }
    int base = subclass >>> 8;
    return base < BASE_CLASSES.length ? BASE_CLASSES[base] : String.format("class %04x", subclass);
  }
}

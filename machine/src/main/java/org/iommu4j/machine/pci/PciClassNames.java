package org.iommu4j.machine.pci;

import com.google.common.collect.ImmutableMap;

/**
 * The names of the common PCI classes.
 *
 * <p>Source: PCI Code and ID Assignment Specification, section 1.
 */
public final class PciClassNames {
  private static final ImmutableMap<Integer, String> BASE =
      ImmutableMap.<Integer, String>builder()
          .put(0x00, "Unclassified device")
          .put(0x01, "Storage controller")
          .put(0x02, "Network controller")
          .put(0x03, "Display controller")
          .put(0x04, "Multimedia controller")
          .put(0x05, "Memory controller")
          .put(0x06, "Bridge")
          .put(0x07, "Communication controller")
          .put(0x08, "System peripheral")
          .put(0x09, "Input controller")
          .put(0x0a, "Docking station")
          .put(0x0b, "Processor")
          .put(0x0c, "Serial bus controller")
          .put(0x0d, "Wireless controller")
          .put(0x0e, "Intelligent controller")
          .put(0x0f, "Satellite controller")
          .put(0x10, "Encryption controller")
          .put(0x11, "Signal processing")
          .put(0x12, "Accelerator")
          .put(0x13, "Instrumentation")
          .put(0xff, "Unassigned class")
          .buildOrThrow();

  private static final ImmutableMap<Integer, String> SUBCLASS =
      ImmutableMap.<Integer, String>builder()
          .put(0x0001, "VGA device")
          .put(0x0100, "SCSI controller")
          .put(0x0101, "IDE controller")
          .put(0x0104, "RAID controller")
          .put(0x0105, "ATA controller")
          .put(0x0106, "SATA controller")
          .put(0x0107, "SAS controller")
          .put(0x0108, "NVMe controller")
          .put(0x0200, "Ethernet controller")
          .put(0x0207, "InfiniBand controller")
          .put(0x0300, "VGA controller")
          .put(0x0302, "3D controller")
          .put(0x0401, "Audio device")
          .put(0x0403, "HD Audio device")
          .put(0x0500, "RAM memory")
          .put(0x0502, "CXL memory")
          .put(0x0580, "Memory controller")
          .put(0x0600, "Host bridge")
          .put(0x0601, "ISA bridge")
          .put(0x0604, "PCI bridge")
          .put(0x0607, "CardBus bridge")
          .put(0x0609, "PCI bridge")
          .put(0x0680, "Bridge")
          .put(0x0700, "Serial controller")
          .put(0x0780, "Communication controller")
          .put(0x0800, "PIC")
          .put(0x0801, "DMA controller")
          .put(0x0805, "SD host controller")
          .put(0x0806, "IOMMU")
          .put(0x0807, "Event collector")
          .put(0x0c00, "FireWire controller")
          .put(0x0c03, "USB controller")
          .put(0x0c05, "SMBus")
          .put(0x0c80, "Serial bus controller")
          .put(0x0d11, "Bluetooth")
          .put(0x0d80, "Wireless controller")
          .put(0x1101, "Performance counters")
          .put(0x1180, "Signal processing")
          .put(0x1300, "Instrumentation")
          .buildOrThrow();

  private PciClassNames() {}

  /**
   * Returns the name of a class.
   *
   * @param classCode base class, subclass and programming interface, 24 bits
   */
  public static String of(int classCode) {
    String name = SUBCLASS.get(classCode >>> 8);
    if (name != null) {
      return name;
    }
    return BASE.getOrDefault(classCode >>> 16, String.format("Class %06x", classCode));
  }

  /**
   * Returns the name without a last word that most have, "controller" or "device", for tables.
   *
   * @param classCode base class, subclass and programming interface, 24 bits
   */
  public static String shortOf(int classCode) {
    return of(classCode).replaceFirst(" (controller|device)$", "");
  }
}

package org.iommu4j.machine.pci.quirks;

/**
 * Intel's Volume Management Devices, endpoints that hide a PCI domain and master the bus for it.
 *
 * <p>Source: {@code drivers/pci/controller/vmd.c:vmd_ids}.
 */
public final class VmdControllers {
  /** The least number of a domain that software makes up. */
  public static final int FIRST_DOMAIN = 0x10000;

  private static final IdSet IDS = IdSet.of("201d 28c0 467f 4c3d 9a0b");

  private VmdControllers() {}

  /** Returns whether the kernel's driver takes this function. */
  public static boolean contains(int vendorId, int deviceId) {
    return vendorId == 0x8086 && IDS.contains(deviceId);
  }
}

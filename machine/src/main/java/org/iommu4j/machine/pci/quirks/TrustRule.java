package org.iommu4j.machine.pci.quirks;

/**
 * Which functions a release takes for such as somebody could have plugged in from outside.
 *
 * <p>Source: {@code drivers/pci/probe.c:set_pcie_untrusted}.
 */
public enum TrustRule {
  /** All below an external-facing port. */
  BELOW_EXTERNAL_PORT,
  /**
   * All below an external-facing port but the switch that is soldered to it, which is that of a
   * discrete Thunderbolt controller, and the controller's own endpoints.
   *
   * <p>Source: {@code arch/x86/pci/acpi.c:arch_pci_dev_is_removable}.
   */
  BEYOND_CONTROLLER;

  private static final int INTEL = 0x8086;

  /**
   * Root ports of Ice Lake and Tiger Lake that tunnel; those of later chips have a property of
   * their firmware's, {@code usb4-host-interface}.
   */
  private static final IdSet HOST_INTERFACES =
      IdSet.of("8a1d 8a1f 8a21 8a23 9a23 9a25 9a27 9a29 9a2b 9a2d 9a2f 9a31");

  /**
   * Returns whether a bridge with these ids is a port of a USB4 or Thunderbolt host.
   *
   * <p>Source: {@code arch/x86/pci/acpi.c:pcie_has_usb4_host_interface}.
   */
  public static boolean isHostInterface(int vendorId, int deviceId) {
    return vendorId == INTEL && HOST_INTERFACES.contains(deviceId);
  }
}

package org.iommu4j.machine.pci;

import org.iommu4j.machine.pci.quirks.TrustRule;
import org.jspecify.annotations.Nullable;

/** Tells which functions somebody could have plugged in from outside. */
final class Removability {
  private Removability() {}

  static boolean isUntrusted(PciDevice device, TrustRule rule) {
    PciDevice bridge = device.upstreamBridge();
    return bridge != null && (isUntrusted(bridge, rule) || isReached(device, bridge, rule));
  }

  // A way from outside ends at the function, whose bridge is trusted.
  private static boolean isReached(PciDevice device, PciDevice bridge, TrustRule rule) {
    return switch (rule) {
      case BELOW_EXTERNAL_PORT -> bridge.externalFacing();
      case BEYOND_CONTROLLER -> isTunnelled(device, bridge);
    };
  }

  /** Source: {@code arch/x86/pci/acpi.c:arch_pci_dev_is_removable}. */
  private static boolean isTunnelled(PciDevice device, PciDevice bridge) {
    PciDevice root = rootPort(device);
    return root != null
        && root.externalFacing()
        && (TrustRule.isHostInterface(bridge.vendorId(), bridge.deviceId())
            || !isSwitchBelow(root, device, bridge));
  }

  private static @Nullable PciDevice rootPort(PciDevice device) {
    PciDevice at = device;
    while (at != null && !at.isPcieType(PcieType.ROOT_PORT)) {
      at = at.upstreamBridge();
    }
    return at;
  }

  /** Source: {@code arch/x86/pci/acpi.c:pcie_switch_directly_under}. */
  private static boolean isSwitchBelow(PciDevice root, PciDevice device, PciDevice bridge) {
    // A function without PCI Express has the type of an endpoint, whose code is 0.
    PcieType type = device.isPcie() ? device.pcieType().orElse(null) : PcieType.ENDPOINT;
    if (type == null) {
      return false;
    }
    return switch (type) {
      case UPSTREAM_PORT -> bridge == root;
      case DOWNSTREAM_PORT -> isUpstreamPortBelow(root, bridge);
      case ENDPOINT ->
          bridge.isPcieType(PcieType.DOWNSTREAM_PORT)
              && isUpstreamPortBelow(root, bridge.upstreamBridge());
      default -> false;
    };
  }

  private static boolean isUpstreamPortBelow(PciDevice root, @Nullable PciDevice port) {
    return port != null && port.isPcieType(PcieType.UPSTREAM_PORT) && port.upstreamBridge() == root;
  }
}

package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableListMultimap;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.IdSet;

/**
 * How the kernel would reset one function, from its configuration space: what the last user left in
 * a device that cannot be reset is there for the next one.
 *
 * <p>Whether a hotplug controller can reset the slot is no fact that is at hand.
 *
 * <p>Source: {@code drivers/pci/pci.c:pci_probe_reset_function}.
 */
final class ResetMethods {
  private static final Rule RULE = new Rule("reset");
  private static final int CAPABILITY_POWER = 0x01;
  private static final int CAPABILITY_ADVANCED_FEATURES = 0x13;
  private static final int DEVCAP_FLR = 1 << 28;
  private static final int AF_TRANSACTIONS_AND_FLR = 3;
  private static final int NO_SOFT_RESET = 1 << 3;
  private static final int ATI = 0x1002;
  private static final int NVIDIA = 0x10de;
  private static final int CLASS_VGA = 0x0300;

  /** {@code drivers/pci/quirks.c:quirk_no_flr}, by vendor. */
  private static final ImmutableListMultimap<Integer, IdSet> NO_FLR =
      ImmutableListMultimap.of(
          0x1022, IdSet.of("1487 148c 149c 7901"), 0x8086, IdSet.of("1502 1503"));

  /** {@code drivers/pci/quirks.c:quirk_no_pm_reset}, by vendor. */
  private static final ImmutableListMultimap<Integer, IdSet> NO_PM_RESET =
      ImmutableListMultimap.of(0x15b3, IdSet.of("cb84 cf6c cf70 cf80"));

  /** {@code drivers/pci/quirks.c:quirk_no_bus_reset}, by vendor. */
  private static final ImmutableListMultimap<Integer, IdSet> NO_BUS_RESET =
      ImmutableListMultimap.<Integer, IdSet>builder()
          .put(NVIDIA, IdSet.of("22ce 22d0"))
          .put(0x168c, IdSet.of("0030 0032 003c 0033 0034 003e"))
          .put(0x177d, IdSet.of("a100"))
          .put(0x104c, IdSet.of("b005"))
          .put(0x1b21, IdSet.of("1164"))
          .build();

  /** {@code drivers/pci/quirks.c:pci_dev_reset_methods} that need nothing else, by vendor. */
  private static final ImmutableListMultimap<Integer, IdSet> SPECIFIC =
      ImmutableListMultimap.of(
          0x8086,
          IdSet.of("10ed 0156 0166"),
          0x1425,
          IdSet.of("4000-4fff"),
          0x19e5,
          IdSet.of("375e"));

  private ResetMethods() {}

  /** How a function is reset. */
  enum Method {
    SPECIFIC("its own way"),
    FUNCTION_LEVEL("function level reset"),
    POWER("power management"),
    BUS("bus reset"),
    NONE("none"),
    UNKNOWN("not known");

    private final String words;

    Method(String words) {
      this.words = words;
    }

    /** Returns the method for people. */
    String words() {
      return words;
    }
  }

  /**
   * What was decided for a function.
   *
   * @param method the first of the methods that works
   * @param decision why
   */
  record Reset(Method method, Decision decision) {}

  /**
   * Decides for a function.
   *
   * @param source the kernel's function that does
   */
  static Reset decide(PciDevice device, String source) {
    if (isOf(SPECIFIC, device)) {
      return of(Method.SPECIFIC, device, source, "it has a reset of its own");
    }
    if (device.config().sizeBytes() < ConfigSpace.CONVENTIONAL_BYTES) {
      return of(Method.UNKNOWN, device, source, "its capabilities are not seen");
    }
    boolean flrAllowed = !isOf(NO_FLR, device);
    if (flrAllowed && hasFunctionLevelReset(device)) {
      return of(Method.FUNCTION_LEVEL, device, source, "PCI Express capability, FLR");
    }
    if (flrAllowed && hasAdvancedFeaturesReset(device)) {
      return of(Method.FUNCTION_LEVEL, device, source, "Advanced Features capability, FLR");
    }
    if (hasPowerReset(device)) {
      return of(Method.POWER, device, source, "going to D3hot and back resets it");
    }
    if (hasBusReset(device)) {
      return of(Method.BUS, device, source, "it is alone on the bus behind " + device.bus().self());
    }
    return of(
        Method.NONE,
        device,
        source,
        "no FLR, no reset by power management, and not alone behind a bridge");
  }

  private static Reset of(Method method, PciDevice device, String source, String because) {
    return new Reset(method, Decision.of(RULE, method.words(), source, device + ": " + because));
  }

  private static boolean isOf(ImmutableListMultimap<Integer, IdSet> table, PciDevice device) {
    return table.get(device.vendorId()).stream().anyMatch(ids -> ids.contains(device.deviceId()));
  }

  private static boolean hasFunctionLevelReset(PciDevice device) {
    int capability = device.config().findCapability(0x10);
    return capability != 0 && (device.config().readDword(capability + 4) & DEVCAP_FLR) != 0;
  }

  private static boolean hasAdvancedFeaturesReset(PciDevice device) {
    int capability = device.config().findCapability(CAPABILITY_ADVANCED_FEATURES);
    return capability != 0
        && (device.config().readByte(capability + 3) & AF_TRANSACTIONS_AND_FLR)
            == AF_TRANSACTIONS_AND_FLR;
  }

  private static boolean hasPowerReset(PciDevice device) {
    boolean radeon = device.vendorId() == ATI && device.subclass() == CLASS_VGA;
    if (isOf(NO_PM_RESET, device) || (radeon && !device.bus().isRoot())) {
      return false;
    }
    int capability = device.config().findCapability(CAPABILITY_POWER);
    return capability != 0 && (device.config().readWord(capability + 4) & NO_SOFT_RESET) == 0;
  }

  private static boolean hasBusReset(PciDevice device) {
    boolean nvidiaLink = device.vendorId() == NVIDIA && (device.deviceId() & 0xffc0) == 0x2340;
    return !device.bus().isRoot()
        && device.bus().self() != null
        && device.subordinate() == null
        && device.bus().devices().size() == 1
        && !nvidiaLink
        && !isOf(NO_BUS_RESET, device);
  }
}

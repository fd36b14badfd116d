package org.iommu4j.iommu.policy;

import static org.iommu4j.machine.pci.quirks.AcsFlags.CR;
import static org.iommu4j.machine.pci.quirks.AcsFlags.DT;
import static org.iommu4j.machine.pci.quirks.AcsFlags.EC;
import static org.iommu4j.machine.pci.quirks.AcsFlags.RR;

import com.google.common.collect.ImmutableSet;
import java.util.Locale;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.quirks.AcsClaim;
import org.iommu4j.machine.pci.quirks.AcsClaims;
import org.iommu4j.machine.pci.quirks.AcsFlags;
import org.iommu4j.machine.pci.quirks.IdSet;
import org.jspecify.annotations.Nullable;

/**
 * Applies the table of functions that vendors vouch for. Immutable.
 *
 * <p>Source: {@code drivers/pci/quirks.c:pci_dev_specific_acs_enabled}.
 */
final class AcsQuirks {
  private static final int INTEL = 0x8086;

  private final ImmutableSet<String> firmwareTables;

  AcsQuirks(ImmutableSet<String> firmwareTables) {
    this.firmwareTables = firmwareTables;
  }

  /** Returns whether the function is one of these Intel root ports. */
  static boolean isIntelPort(PciDevice device, IdSet ports) {
    return device.vendorId() == INTEL
        && device.isPcieType(PcieType.ROOT_PORT)
        && ports.contains(device.deviceId());
  }

  /** Returns the table's verdict on this function, or null if it has none. */
  @Nullable AcsVerdict verdict(PciDevice device, int flags, AcsControl control) {
    for (AcsClaims.Row row : AcsClaims.rows()) {
      if (row.matches(device.vendorId(), device.deviceId())
          && applies(row.claim(), device, control)) {
        return verdict(row.claim(), device, flags, control);
      }
    }
    return null;
  }

  private boolean applies(AcsClaim claim, PciDevice device, AcsControl control) {
    String table = claim.neededTable();
    if (table != null && !firmwareTables.contains(table)) {
      return false;
    }
    return switch (claim) {
      case AMD_SOUTH_BRIDGE -> device.multifunction() && device.bus().isRoot();
      case INTEL_INTEGRATED_ENDPOINT -> device.isPcieType(PcieType.ROOT_COMPLEX_ENDPOINT);
      case INTEL_PCH_ROOT_PORT -> isIntelPort(device, AcsClaims.INTEL_PCH);
      case INTEL_SPT_ROOT_PORT -> isIntelPort(device, AcsClaims.INTEL_SPT) && control.present();
      case CAVIUM_ROOT_PORT ->
          device.isPcieType(PcieType.ROOT_PORT) && AcsClaims.CAVIUM.contains(device.deviceId());
      case ANNAPURNA_ROOT_PORT -> device.isPcieType(PcieType.ROOT_PORT);
      case ZHAOXIN_PORT ->
          device.isPcieType(PcieType.ROOT_PORT) || device.isPcieType(PcieType.DOWNSTREAM_PORT);
      default -> true;
    };
  }

  private static AcsVerdict verdict(
      AcsClaim claim, PciDevice device, int flags, AcsControl control) {
    int needed = neededFlags(claim, flags, control);
    int provided = providedFlags(claim, device, control);
    String because =
        String.format(
            "%s: quirk %s gives %s",
            device,
            claim.name().toLowerCase(Locale.ROOT).replace('_', ' '),
            AcsFlags.print(provided));
    return AcsVerdict.of(needed & ~provided, because, claim.source());
  }

  private static int neededFlags(AcsClaim claim, int flags, AcsControl control) {
    return switch (claim) {
      case AMD_SOUTH_BRIDGE -> flags & (RR | CR | EC | DT);
      case INTEL_SPT_ROOT_PORT -> flags & (control.capability() | EC);
      default -> flags;
    };
  }

  private static int providedFlags(AcsClaim claim, PciDevice device, AcsControl control) {
    int id = device.deviceId();
    return switch (claim) {
      case INTEL_PCH_ROOT_PORT -> control.chipsetIsolates() ? claim.flags() : 0;
      case INTEL_SPT_ROOT_PORT -> control.control();
      case ZHAOXIN_PORT -> AcsClaims.ZHAOXIN.contains(id) ? claim.flags() : 0;
      case WANGXUN_NETWORK_CARD -> AcsClaims.WANGXUN.contains(id) ? claim.flags() : 0;
      default -> claim.flags();
    };
  }
}

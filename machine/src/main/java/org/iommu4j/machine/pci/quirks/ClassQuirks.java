package org.iommu4j.machine.pci.quirks;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * Functions whose class code the kernel overrides.
 *
 * <p>A class code that sysfs shows has been overridden already; that changes nothing here, since no
 * rule matches its own outcome with another result. Fixups that write the configuration space too
 * are left out: what was read shows them.
 *
 * <p>Source: {@code drivers/pci/quirks.c}, the functions that the rows cite.
 */
public final class ClassQuirks {
  private static final int USB_DEVICE = 0x0c03fe;

  private static final ImmutableList<Row> ROWS =
      ImmutableList.of(
          new Row(0x104c, "b800", 0x0000, 8, 0x040000, 0, "fixup_ti816x_class"),
          new Row(0x1797, "6864 6865 6868 6869", 0x0000, 8, 0x048001, 0, "quirk_tw686x_class"),
          new Row(0x1022, "7912 163a", 0, 24, USB_DEVICE, 0, "quirk_amd_dwc_class"),
          new Row(0x16c3, "abcd-abcf", 0x0c0330, 0, USB_DEVICE, 0, "quirk_synopsys_haps"),
          new Row(0x8086, "0482", 0, 24, 0x060200, 0, "quirk_eisa_bridge"),
          new Row(0x1000, "0001", 0x000000, 0, 0x010000, 0, "fixup_rev1_53c810"),
          new Row(0x1ac1, "089a", 0x0000, 8, 0x088000, 0xff, "apex_pci_fixup_class"));

  private static final IdSet NETMOS = IdSet.of("9735 9745 9835 9845 9855");

  private ClassQuirks() {}

  /**
   * Returns the class code that the kernel goes by.
   *
   * @param subsystemVendorId the vendor of the card
   * @param subsystemId the card
   * @param classCode base class, subclass and programming interface as read
   */
  public static int corrected(
      int vendorId, int deviceId, int subsystemVendorId, int subsystemId, int classCode) {
    if (vendorId == 0x9710 && NETMOS.contains(deviceId) && classCode >>> 8 == 0x0700) {
      return netmos(deviceId, subsystemVendorId, subsystemId, classCode);
    }
    for (Row row : ROWS) {
      if (row.matches(vendorId, deviceId, classCode)) {
        return row.classCode() | (classCode & row.keptBits());
      }
    }
    return classCode;
  }

  // quirk_netmos: serial cards with a parallel port, but for one of IBM's.
  private static int netmos(int deviceId, int cardVendor, int card, int classCode) {
    boolean exempt = deviceId == 0x9835 && cardVendor == 0x1014 && card == 0x0299;
    boolean parallel = (card & 0xf0) != 0;
    return parallel && !exempt ? 0x078000 | (classCode & 0xff) : classCode;
  }

  @Immutable
  private record Row(
      int vendorId,
      IdSet devices,
      int match,
      int shift,
      int classCode,
      int keptBits,
      String function) {
    Row(int vendor, String ids, int match, int shift, int code, int kept, String function) {
      this(vendor, IdSet.of(ids), match, shift, code, kept, function);
    }

    boolean matches(int vendor, int device, int actual) {
      return vendorId == vendor && devices.contains(device) && actual >>> shift == match;
    }
  }
}

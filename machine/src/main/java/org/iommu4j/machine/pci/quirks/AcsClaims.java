package org.iommu4j.machine.pci.quirks;

import static org.iommu4j.machine.pci.quirks.AcsClaim.AMD_SOUTH_BRIDGE;
import static org.iommu4j.machine.pci.quirks.AcsClaim.ANNAPURNA_ROOT_PORT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.BROADCOM_ROOT_PORT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.CAVIUM_ROOT_PORT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.INTEL_INTEGRATED_ENDPOINT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.INTEL_PCH_ROOT_PORT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.INTEL_SPT_ROOT_PORT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.LOONGSON_ROOT_PORT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.MULTIFUNCTION_ENDPOINT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.NXP_ROOT_PORT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.QUALCOMM_ROOT_PORT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.WANGXUN_NETWORK_CARD;
import static org.iommu4j.machine.pci.quirks.AcsClaim.XGENE_ROOT_PORT;
import static org.iommu4j.machine.pci.quirks.AcsClaim.ZHAOXIN_PORT;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.ReleaseSpan;

/**
 * The functions that vendors vouch for, in the kernel's order.
 *
 * <p>Source: {@code drivers/pci/quirks.c:pci_dev_acs_enabled}; the sets that its functions test are
 * cited with them.
 */
public final class AcsClaims {
  private static final ImmutableList<Row> ROWS =
      ImmutableList.of(
          row(0x1002, "4385 439c 4383 439d 4384 4399", AMD_SOUTH_BRIDGE),
          row(0x1022, "780f 7809", AMD_SOUTH_BRIDGE),
          row(0x1924, "0903 0923 0a03", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "10c6 10db 10dd 10e1 10f1 10f7-10fc", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "1507 1514 151c 1529 152a", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "154d 154f 1551 1558", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "1509 150e-1511 1516 1527", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "10c9 10e6-10e8 150a 150d 1518 1526", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "10a7 10a9 10d6", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "1521-1524", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "105e-1060 10d9", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "15b7 15b8", MULTIFUNCTION_ENDPOINT),
          row(0x8086, "*", INTEL_INTEGRATED_ENDPOINT),
          row(0x17cb, "0400 0401 0115 0111 0120", QUALCOMM_ROOT_PORT),
          row(0x1dbf, "0401", QUALCOMM_ROOT_PORT),
          row(0x8086, "*", INTEL_PCH_ROOT_PORT),
          row(0x8086, "*", INTEL_SPT_ROOT_PORT),
          row(0x19a2, "0710", MULTIFUNCTION_ENDPOINT),
          row(0x10df, "0720", MULTIFUNCTION_ENDPOINT),
          row(0x177d, "*", CAVIUM_ROOT_PORT),
          row(0x177d, "a026 a059 a060", MULTIFUNCTION_ENDPOINT),
          row(0x10e8, "e004", XGENE_ROOT_PORT),
          row(0x1def, "e005-e00c", XGENE_ROOT_PORT),
          row(0x14e4, "16d7 1750-1752 1760-1763", MULTIFUNCTION_ENDPOINT),
          row(0x14e4, "d714", BROADCOM_ROOT_PORT),
          row(0x0014, "3c09 3c19 3c29", LOONGSON_ROOT_PORT),
          row(0x0014, "7a09 7a19 7a29 7a39 7a49 7a59 7a69", LOONGSON_ROOT_PORT),
          row(0x1c36, "0031", ANNAPURNA_ROOT_PORT),
          row(0x1d17, "3038 3104 9083", MULTIFUNCTION_ENDPOINT),
          row(0x1957, "8d80-8d83 8d88-8d8b 8d90-8d93 8d98-8d9b", NXP_ROOT_PORT),
          row(0x1957, "8da0 8da1 8da8 8da9 8db0 8db1 8db8 8db9", NXP_ROOT_PORT),
          row(0x1d17, "*", ZHAOXIN_PORT),
          row(0x8088, "*", WANGXUN_NETWORK_CARD));

  /**
   * Intel root ports that the chipset isolates.
   *
   * <p>Source: {@code drivers/pci/quirks.c:pci_quirk_intel_pch_acs_ids}.
   */
  public static final IdSet INTEL_PCH =
      IdSet.of(
          "3b42-3b51 1c10-1c1f 1e10-1e1f 8c10-8c1f 9c10-9c1b 9c90-9c9b"
              + " 1d10 1d12 1d14 1d16 1d18 1d1a 1d1c 1d1e 8d10-8d1e"
              + " 8c90 8c92 8c94 8c96 8c98 8c9a 8c9c 8c9e");

  /**
   * Intel root ports with double words for ACS registers.
   *
   * <p>Source: {@code drivers/pci/quirks.c:pci_quirk_intel_spt_pch_acs_match}.
   */
  public static final IdSet INTEL_SPT =
      IdSet.of("a110-a11f a167-a16a a290-a29f a2e7-a2ee 9d10-9d1b");

  /**
   * Cavium root ports.
   *
   * <p>Source: {@code drivers/pci/quirks.c:pci_quirk_cavium_acs_match}.
   */
  public static final IdSet CAVIUM = IdSet.of("a000-a7ff af84 b884");

  /**
   * Zhaoxin ports.
   *
   * <p>Source: {@code drivers/pci/quirks.c:pci_quirk_zhaoxin_pcie_ports_acs}.
   */
  public static final IdSet ZHAOXIN = IdSet.of("0710-071e 0721 0723-0752");

  /**
   * Wangxun network cards.
   *
   * <p>Source: {@code drivers/pci/quirks.c:pci_quirk_wangxun_nic_acs}.
   */
  public static final IdSet WANGXUN = IdSet.of("0100-010f 1001 2001 5010 5025 5040 5110 5125 5140");

  private AcsClaims() {}

  private static Row row(int vendorId, String devices, AcsClaim claim) {
    return new Row(vendorId, IdSet.of(devices), claim, ReleaseSpan.ALWAYS);
  }

  /** Returns the table, of all releases. */
  static ImmutableList<Row> rows() {
    return ROWS;
  }

  /**
   * One row: who vouches for what.
   *
   * @param vendorId the vendor
   * @param devices the vendor's functions
   * @param claim what is claimed
   * @param span the releases that have the row
   */
  @Immutable
  public record Row(int vendorId, IdSet devices, AcsClaim claim, ReleaseSpan span) {
    /** Returns whether the row is about this function. */
    public boolean matches(int vendor, int device) {
      return vendorId == vendor && devices.contains(device);
    }
  }
}

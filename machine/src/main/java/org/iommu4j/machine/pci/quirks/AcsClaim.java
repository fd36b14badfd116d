package org.iommu4j.machine.pci.quirks;

import static org.iommu4j.machine.pci.quirks.AcsFlags.CR;
import static org.iommu4j.machine.pci.quirks.AcsFlags.DT;
import static org.iommu4j.machine.pci.quirks.AcsFlags.ISOLATION;
import static org.iommu4j.machine.pci.quirks.AcsFlags.RR;
import static org.iommu4j.machine.pci.quirks.AcsFlags.SV;
import static org.iommu4j.machine.pci.quirks.AcsFlags.TB;
import static org.iommu4j.machine.pci.quirks.AcsFlags.UF;

import org.jspecify.annotations.Nullable;

/**
 * What vendors vouch for in place of an ACS capability.
 *
 * <p>Source: {@code drivers/pci/quirks.c:pci_dev_acs_enabled}.
 */
public enum AcsClaim {
  /** A function of an AMD south bridge; holds for multifunction devices beside an AMD IOMMU. */
  AMD_SOUTH_BRIDGE("pci_quirk_amd_sb_acs", RR | CR, "IVRS"),
  /** An endpoint whose functions do not talk to each other. */
  MULTIFUNCTION_ENDPOINT("pci_quirk_mf_endpoint_acs", SV | TB | RR | CR | UF | DT),
  /** An Intel endpoint in the root complex. */
  INTEL_INTEGRATED_ENDPOINT("pci_quirk_rciep_acs", ISOLATION),
  /** A Qualcomm or HXT root port. */
  QUALCOMM_ROOT_PORT("pci_quirk_qcom_rp_acs", ISOLATION),
  /** An Intel root port without the capability, isolated by other registers of the chipset. */
  INTEL_PCH_ROOT_PORT("pci_quirk_intel_pch_acs", ISOLATION),
  /** An Intel root port whose capability has its registers four bytes apart. */
  INTEL_SPT_ROOT_PORT("pci_quirk_intel_spt_pch_acs", 0),
  /** A Cavium ThunderX root port. */
  CAVIUM_ROOT_PORT("pci_quirk_cavium_acs", ISOLATION),
  /** An X-Gene or Ampere root port. */
  XGENE_ROOT_PORT("pci_quirk_xgene_acs", ISOLATION),
  /** A Broadcom iProc root port. */
  BROADCOM_ROOT_PORT("pci_quirk_brcm_acs", ISOLATION),
  /** A Loongson root port. */
  LOONGSON_ROOT_PORT("pci_quirk_loongson_acs", ISOLATION),
  /** An Annapurna root port. */
  ANNAPURNA_ROOT_PORT("pci_quirk_al_acs", ISOLATION),
  /** An NXP root port. */
  NXP_ROOT_PORT("pci_quirk_nxp_rp_acs", ISOLATION),
  /** A Zhaoxin root or downstream port; one that is not listed counts as without ACS. */
  ZHAOXIN_PORT("pci_quirk_zhaoxin_pcie_ports_acs", ISOLATION),
  /** A Wangxun network card; one that is not listed counts as without ACS. */
  WANGXUN_NETWORK_CARD("pci_quirk_wangxun_nic_acs", ISOLATION);

  private final String function;
  private final int flags;
  private final @Nullable String neededTable;

  AcsClaim(String function, int flags) {
    this(function, flags, null);
  }

  AcsClaim(String function, int flags, @Nullable String neededTable) {
    this.function = function;
    this.flags = flags;
    this.neededTable = neededTable;
  }

  /** Returns the ACS flags that the claim stands for where it holds. */
  public int flags() {
    return flags;
  }

  /** Returns the signature of the ACPI table without which the claim never holds, or null. */
  public @Nullable String neededTable() {
    return neededTable;
  }

  /** Returns the kernel's file and function. */
  public String source() {
    return "drivers/pci/quirks.c:" + function;
  }
}

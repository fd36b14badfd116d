package org.iommu4j.iommu.policy.params;

/** The names under which the kernel keeps what the generic boot parameters set. */
final class Variables {
  static final String NO_IOMMU = "no_iommu";
  static final String FORCE_IOMMU = "force_iommu";
  static final String PANIC_ON_OVERFLOW = "panic_on_overflow";
  static final String DISABLE_DAC_QUIRK = "disable_dac_quirk";
  static final String SWIOTLB = "swiotlb";
  static final String SWIOTLB_FORCE = "swiotlb_force";
  static final String FORCE_BOUNCE = "swiotlb_force_bounce";
  static final String FORCE_DISABLE = "swiotlb_force_disable";
  static final String SLOTS = "io_tlb_nslabs";
  static final String AREAS = "default_nareas";
  static final String DOMAIN_TYPE = "iommu_def_domain_type";
  static final String DMA_STRICT = "iommu_dma_strict";
  static final String FORCE_DAC = "iommu_dma_forcedac";
  static final String NO_IRQ_REMAP = "disable_irq_remap";
  static final String SKIP_IOAPIC = "skip_ioapic_setup";
  static final String NO_IRQ_POST = "disable_irq_post";
  static final String NO_SOURCE_ID = "disable_sourceid_checking";
  static final String NO_X2APIC_OPTOUT = "no_x2apic_optout";
  static final String ATS_DISABLED = "pcie_ats_disabled";
  static final String ARI_DISABLED = "pcie_ari_disabled";
  static final String ACS_REDIR = "disable_acs_redir_param";
  static final String SCAN_ALL = "PCI_SCAN_ALL_PCIE_DEVS";
  static final String PCI_PROBE = "pci_probe";
  static final String MMCONFIG = "PCI_PROBE_MMCONF";
  static final String ASSIGN_BUSES = "PCI_ASSIGN_ALL_BUSSES";
  static final String MSI = "pci_msi_enable";

  private Variables() {}
}

package org.iommu4j.iommu.policy.params;

import static org.iommu4j.iommu.policy.params.KnownWord.any;
import static org.iommu4j.iommu.policy.params.KnownWord.containing;
import static org.iommu4j.iommu.policy.params.KnownWord.equal;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.ReleaseSpan;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;

/**
 * Words that touch DMA or the IOMMU and that no class of the model acts on. The first match counts.
 */
final class KnownWordTable {
  private static final String NOBODY = "init/main.c:unknown_bootoption";
  private static final String AMD = "drivers/iommu/amd/init.c:parse_amd_iommu_options";
  private static final String ON_AMD = "on a machine with an AMD IOMMU: ";
  private static final String TYPE1 = "drivers/vfio/vfio_iommu_type1.c";
  private static final String VFIO_PCI = "drivers/vfio/pci/vfio_pci.c";
  private static final String DMA_DEBUG = "kernel/dma/debug.c";
  private static final String LATER = "later kernels have it, this release has not";

  static final ImmutableList<KnownWord> ROWS =
      ImmutableList.of(
          // What no kernel has, or only a later one
          any(
              "pcie_acs_override",
              Verdict.UNKNOWN,
              "a patch that was never merged has it; groups stay as ACS makes them",
              NOBODY),
          any("iommu.forcedac", Verdict.UNKNOWN, LATER, NOBODY).in(ReleaseSpan.until("5.13")),
          any("iommufd.*", Verdict.UNKNOWN, LATER, NOBODY).in(ReleaseSpan.until("6.2")),
          any("numa_cma", Verdict.UNKNOWN, LATER, NOBODY),
          any(
              "no_x2apic_optout",
              Verdict.UNKNOWN,
              "no parameter; write intremap=no_x2apic_optout",
              NOBODY),
          any("iommu_passthrough", Verdict.UNKNOWN, "write iommu.passthrough=1", NOBODY),
          any("passthrough", Verdict.UNKNOWN, "write iommu=pt", NOBODY),
          any("pt", Verdict.UNKNOWN, "no parameter by itself; write iommu=pt", NOBODY),
          any("nopt", Verdict.UNKNOWN, "no parameter by itself; write iommu=nopt", NOBODY),
          any("igfx_off", Verdict.UNKNOWN, "write intel_iommu=igfx_off", NOBODY),
          any("sp_off", Verdict.UNKNOWN, "write intel_iommu=sp_off", NOBODY),
          any("forcedac", Verdict.UNKNOWN, "write intel_iommu=forcedac", NOBODY),
          any("nobounce", Verdict.UNKNOWN, "write intel_iommu=nobounce", NOBODY),
          any("noiommu", Verdict.UNKNOWN, "write iommu=off", NOBODY),
          // AMD's driver looks for three words at every position and for nothing else
          containing("amd_iommu", "off", ON_AMD + "it stays off", AMD),
          containing("amd_iommu", "fullflush", ON_AMD + "every unmap flushes", AMD),
          containing("amd_iommu", "force_isolation", ON_AMD + "no device gets an identity", AMD),
          equal(
              "amd_iommu",
              "on",
              Verdict.UNKNOWN,
              "not a word of the driver, and not needed: an AMD IOMMU is on by itself",
              AMD),
          equal(
              "amd_iommu", "pt", Verdict.UNKNOWN, "not a word of the driver; write iommu=pt", AMD),
          any(
              "amd_iommu",
              Verdict.UNKNOWN,
              "the driver looks for off, fullflush and force_isolation, anywhere in the value, and"
                  + " for nothing else",
              AMD),
          any("amd_iommu_dump*", Verdict.HONOURED, ON_AMD + "its tables are logged", AMD),
          any(
              "amd_iommu_intr",
              Verdict.HONOURED,
              ON_AMD + "chooses how interrupts reach virtual CPUs, legacy or vapic",
              "drivers/iommu/amd/init.c:parse_amd_iommu_intr"),
          any(
              "ivrs_*",
              Verdict.HONOURED,
              ON_AMD + "tells an ID that the firmware's table lacks",
              "drivers/iommu/amd/init.c:parse_ivrs_ioapic"),
          // VFIO
          any(
              "vfio_iommu_type1.allow_unsafe_interrupts",
              Verdict.HONOURED,
              "read when the module is loaded: devices are assigned even where interrupts are not"
                  + " remapped",
              TYPE1),
          any(
              "vfio_iommu_type1.disable_hugepages",
              Verdict.HONOURED,
              "read when the module is loaded: assigned memory is mapped by 4 KiB pages",
              TYPE1),
          any(
              "vfio_iommu_type1.dma_entry_limit",
              Verdict.HONOURED,
              "read when the module is loaded: how many mappings a container may have",
              TYPE1),
          any("vfio_iommu_type1.*", Verdict.UNKNOWN, "the module has no such parameter", TYPE1),
          any(
                  "vfio.enable_unsafe_noiommu_mode",
                  Verdict.HONOURED,
                  "devices may be assigned without any IOMMU",
                  "drivers/vfio/vfio.c")
              .needing("CONFIG_VFIO_NOIOMMU"),
          any(
              "vfio_pci.ids",
              Verdict.HONOURED,
              "read when the module is loaded: it takes these devices if no driver has them yet;"
                  + " groups and domains do not change",
              VFIO_PCI),
          any(
              "vfio_pci.*",
              Verdict.NO_EFFECT_HERE,
              "about the driver that assigns a device; groups and domains do not change",
              VFIO_PCI),
          any(
              "pci_stub.ids",
              Verdict.HONOURED,
              "these devices get a driver that does nothing; groups and domains do not change",
              "drivers/pci/pci-stub.c"),
          any(
              "rd.driver.pre",
              Verdict.IGNORED,
              "the kernel does not look at it; the initial RAM disk (dracut) loads the module early",
              "initial RAM disk"),
          any("kvm.*", Verdict.NO_EFFECT_HERE, "about virtual CPUs, not about DMA", "arch/x86/kvm"),
          any(
              "kvm_intel.*",
              Verdict.NO_EFFECT_HERE,
              "about virtual CPUs, not about DMA",
              "arch/x86/kvm"),
          any(
              "kvm_amd.*",
              Verdict.NO_EFFECT_HERE,
              "about virtual CPUs, not about DMA",
              "arch/x86/kvm"),
          // Memory
          any(
              "mem_encrypt",
              Verdict.HONOURED,
              "with an AMD processor that can: memory encryption, so a bounce pool is made and"
                  + " passthrough is no default any more",
              "arch/x86/mm/mem_encrypt_identity.c:sme_enable"),
          any(
              "mem",
              Verdict.HONOURED,
              "memory above is not used; no bounce pool is made if none is above 4 GiB",
              "arch/x86/kernel/e820.c:parse_memopt"),
          any(
              "coherent_pool",
              Verdict.HONOURED,
              "the size of the pool for allocations that must not sleep",
              "kernel/dma/pool.c:early_coherent_pool"),
          any(
              "cma",
              Verdict.HONOURED,
              "the size of the area for large allocations, if CONFIG_DMA_CMA is set",
              "kernel/dma/contiguous.c:early_cma"),
          any(
              "cma_pernuma",
              Verdict.HONOURED,
              "the size of such an area on each node, if CONFIG_DMA_PERNUMA_CMA is set",
              "kernel/dma/contiguous.c:early_cma_pernuma"),
          any("dma_debug", Verdict.HONOURED, "off stops the checks of the DMA API", DMA_DEBUG)
              .needing("CONFIG_DMA_API_DEBUG"),
          any("dma_debug_*", Verdict.HONOURED, "tunes the checks of the DMA API", DMA_DEBUG)
              .needing("CONFIG_DMA_API_DEBUG"),
          any(
              "gart_fix_e820",
              Verdict.NO_EFFECT_HERE,
              "only the driver of AMD's graphics aperture (GART) reads it",
              "arch/x86/kernel/aperture_64.c"),
          // Firmware and interrupts
          equal(
              "efi",
              "disable_early_pci_dma",
              Verdict.HONOURED,
              "bridges lose bus mastering before the kernel starts: DMA is shut out until an IOMMU"
                  + " is on",
              "drivers/firmware/efi/libstub/pci.c:efi_pci_disable_bridge_busmaster"),
          equal(
              "efi",
              "no_disable_early_pci_dma",
              Verdict.HONOURED,
              "bridges keep bus mastering while the kernel starts",
              "drivers/firmware/efi/libstub/efi-stub-helper.c:efi_parse_options"),
          equal(
              "acpi",
              "off",
              Verdict.HONOURED,
              "without ACPI no table describes an IOMMU: none is found",
              "arch/x86/kernel/acpi/boot.c:parse_acpi"),
          any(
              "noapic",
              Verdict.HONOURED,
              "without an I/O APIC interrupts are not remapped",
              "arch/x86/kernel/apic/apic.c:enable_IR_x2apic"),
          any(
              "nox2apic",
              Verdict.HONOURED,
              "interrupts are remapped, if at all, in the format without x2APIC",
              "arch/x86/kernel/apic/apic.c:setup_nox2apic"));

  private KnownWordTable() {}
}

package org.iommu4j.iommu.policy.params;

import static org.iommu4j.iommu.policy.params.WordRule.equalTo;
import static org.iommu4j.iommu.policy.params.WordRule.startsWith;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.iommu4j.iommu.policy.params.ParameterRules.PciTables;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.machine.CommandLine.Parameter;

/**
 * The words of {@code pci=} on x86-64: the architecture's own come first. Those that change nothing
 * of DMA or of the topology have no effect text and so no verdict.
 *
 * <p>Source: {@code arch/x86/pci/common.c:pcibios_setup}, {@code drivers/pci/pci.c:pci_setup}.
 */
final class PciWords {
  private static final String SOURCE = "drivers/pci/pci.c:pci_setup";
  private static final String ACS_REDIR = "disable_acs_redir=";
  private static final String NO_EXTENDED =
      "extended config space is out of reach: no ACS, ARI or ATS is seen, so groups grow";

  static final WordTable ARCHITECTURE =
      new WordTable(
          "pci",
          "arch/x86/pci/common.c:pcibios_setup",
          ImmutableList.of(
              equalTo("off", "PCI is not scanned with config cycles: no PCI device is found")
                  .set(Variables.PCI_PROBE, "0")
                  .set(Variables.MMCONFIG, "0"),
              equalTo("conf1", NO_EXTENDED)
                  .set(Variables.MMCONFIG, "0")
                  .set(Variables.PCI_PROBE, "conf1"),
              equalTo("conf2", NO_EXTENDED)
                  .set(Variables.MMCONFIG, "0")
                  .set(Variables.PCI_PROBE, "conf2"),
              equalTo("nommconf", NO_EXTENDED).set(Variables.MMCONFIG, "0"),
              equalTo("assign-busses", "bus numbers are given anew: devices change their addresses")
                  .set(Variables.ASSIGN_BUSES, "1"),
              other("bfsort"),
              other("nobfsort"),
              other("check_enable_amd_mmconf"),
              other("noacpi"),
              other("noearly"),
              other("usepirqmask"),
              startsWith("irqmask=", ""),
              startsWith("lastbus=", ""),
              other("rom"),
              other("norom"),
              other("nobar"),
              other("use_crs"),
              other("nocrs"),
              other("big_root_window"),
              other("routeirq"),
              other("skip_isa_align"),
              other("noioapicquirk"),
              other("ioapicreroute"),
              other("noioapicreroute")));

  static final WordTable BIOS =
      new WordTable(
          "pci",
          "arch/x86/pci/common.c:pcibios_setup",
          ImmutableList.of(
              other("bios"), other("nobios"), other("biosirq"), startsWith("pirqaddr=", "")));

  static final WordTable GENERIC =
      new WordTable(
          "pci",
          SOURCE,
          ImmutableList.of(
              equalTo("nomsi", "no message-signalled interrupts: nothing needs remapping but lines")
                  .set(Variables.MSI, "0"),
              startsWith("noats", "no device gets ATS, so none caches translations")
                  .set(Variables.ATS_DISABLED, "1")
                  .logging("PCIe: ATS is disabled"),
              other("noaer"),
              other("earlydump"),
              startsWith("realloc", ""), // with and without =
              other("nodomains"),
              startsWith("noari", "functions above 7 are not found behind ports")
                  .set(Variables.ARI_DISABLED, "1"),
              startsWith("cbiosize=", ""),
              startsWith("cbmemsize=", ""),
              startsWith("resource_alignment=", ""),
              startsWith("ecrc=", ""),
              startsWith("hpiosize=", ""),
              startsWith("hpmmiosize=", ""),
              startsWith("hpmmioprefsize=", ""),
              startsWith("hpmemsize=", ""),
              startsWith("hpbussize=", ""),
              startsWith("pcie_bus_tune_off", ""),
              startsWith("pcie_bus_safe", ""),
              startsWith("pcie_bus_perf", ""),
              startsWith("pcie_bus_peer2peer", ""),
              startsWith("pcie_scan_all", "all 32 slots are looked at behind PCIe ports")
                  .set(Variables.SCAN_ALL, "1"),
              startsWith(
                  ACS_REDIR,
                  "the devices named pass requests among themselves: their groups grow together")));

  private PciWords() {}

  private static WordRule other(String word) {
    return equalTo(word, "");
  }

  static void apply(
      PciTables tables, WordLedger ledger, int index, Parameter parameter, boolean hasBios) {
    for (ParameterWord word : ParameterWord.cut(index, parameter)) {
      String text = word.text();
      Optional<WordRule> generic = tables.generic().find(text);
      if (tables.architecture().find(text).isPresent()) {
        tables.architecture().judge(ledger, word);
      } else if (hasBios && tables.bios().find(text).isPresent()) {
        tables.bios().judge(ledger, word);
      } else if (text.startsWith(ACS_REDIR) && generic.isPresent()) {
        WordRule rule = generic.get();
        String devices = text.substring(ACS_REDIR.length());
        ledger.enter(word, rule.set(Variables.ACS_REDIR, devices), SOURCE);
      } else {
        generic(tables, ledger, word);
      }
    }
  }

  private static void generic(PciTables tables, WordLedger ledger, ParameterWord word) {
    if (tables.generic().find(word.text()).isPresent()) {
      tables.generic().judge(ledger, word);
      return;
    }
    ledger.log("PCI: Unknown option `" + word.text() + "'");
    ImmutableList<WordRule> all =
        ImmutableList.<WordRule>builder()
            .addAll(tables.generic().rules())
            .addAll(tables.architecture().rules())
            .build();
    String why = new WordTable("pci", SOURCE, all).unknown(word.text());
    ledger.note(word, Verdict.UNKNOWN, why + "; the kernel says so in its log", SOURCE);
  }
}

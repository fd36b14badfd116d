package org.iommu4j.machine.lspci;

import com.google.common.collect.ImmutableMap;

/**
 * The ids of capabilities by the start of the name that {@code lspci} prints.
 *
 * <p>Only those that the kernel looks at for DMA have an entry; the others keep their place in the
 * list with an id that nothing looks for.
 *
 * <p>Source: PCI Code and ID Assignment Specification, 2 and 3.
 */
final class CapabilityNames {
  static final int EXPRESS = 0x10;
  static final int ACS = 0x0d;
  static final int ARI = 0x0e;
  static final int SRIOV = 0x10;

  private static final ImmutableMap<String, Integer> CONVENTIONAL =
      ImmutableMap.of(
          "Power Management", 0x01,
          "MSI:", 0x05,
          "PCI-X", 0x07,
          "Vendor Specific", 0x09,
          "Subsystem:", 0x0d,
          "Express", EXPRESS,
          "MSI-X", 0x11,
          "PCI Advanced Features", 0x13);

  private static final ImmutableMap<String, Integer> EXTENDED =
      ImmutableMap.<String, Integer>builder()
          .put("Advanced Error Reporting", 0x01)
          .put("Device Serial Number", 0x03)
          .put("Vendor Specific", 0x0b)
          .put("Access Control Services", ACS)
          .put("Alternative Routing-ID", ARI)
          .put("Address Translation Service", 0x0f)
          .put("Single Root I/O Virtualization", SRIOV)
          .put("Page Request Interface", 0x13)
          .put("Process Address Space ID", 0x1b)
          .buildOrThrow();

  private CapabilityNames() {}

  static int conventional(String text) {
    return find(CONVENTIONAL, text);
  }

  static int extended(String text) {
    return find(EXTENDED, text);
  }

  private static int find(ImmutableMap<String, Integer> ids, String text) {
    return ids.entrySet().stream()
        .filter(entry -> text.startsWith(entry.getKey()))
        .map(entry -> entry.getValue())
        .findFirst()
        .orElse(0);
  }
}

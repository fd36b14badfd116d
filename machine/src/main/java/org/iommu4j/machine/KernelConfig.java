package org.iommu4j.machine;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The kernel's build configuration, {@code CONFIG_NAME=value} lines. Immutable. */
public final class KernelConfig {
  private static final String UPSTREAM =
      """
      CONFIG_X86_64=y
      CONFIG_ACPI=y
      CONFIG_PCI_MSI=y
      CONFIG_PCI_QUIRKS=y
      CONFIG_PCI_ATS=y
      CONFIG_PCI_PRI=y
      CONFIG_PCI_PASID=y
      CONFIG_PCI_IOV=y
      CONFIG_IOMMU_SUPPORT=y
      CONFIG_IOMMU_API=y
      CONFIG_IOMMU_IOVA=y
      CONFIG_IOMMU_DMA=y
      CONFIG_DMAR_TABLE=y
      CONFIG_INTEL_IOMMU=y
      CONFIG_INTEL_IOMMU_FLOPPY_WA=y
      CONFIG_AMD_IOMMU=y
      CONFIG_SWIOTLB=y
      """;

  private final ImmutableMap<String, String> values;

  private KernelConfig(ImmutableMap<String, String> values) {
    this.values = values;
  }

  /** Parses the text of a configuration; lines that are no assignment are passed over. */
  public static KernelConfig parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    text.lines()
        .map(String::strip)
        .filter(line -> line.startsWith("CONFIG_") && line.indexOf('=') > 0)
        .forEach(
            line ->
                values.put(
                    line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    return new KernelConfig(ImmutableMap.copyOf(values));
  }

  /**
   * Returns what upstream's {@code x86_64_defconfig} says of the options that decisions rest on, as
   * is assumed of a machine that was read without its configuration. Remapping is built in and off
   * by default.
   */
  public static KernelConfig upstream() {
    return parse(UPSTREAM);
  }

  /**
   * Returns the configuration of Debian's Linux 5.10 for amd64, as far as decisions rest on it.
   * Remapping is built in and on, but not for the integrated GPU.
   */
  public static KernelConfig debian() {
    return parse(
        UPSTREAM
            + """
            CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y
            CONFIG_INTEL_IOMMU_SVM=y
            CONFIG_HZ_250=y
            """);
  }

  /** Returns whether the text said nothing, and something has to be assumed. */
  boolean isUnknown() {
    return values.isEmpty();
  }

  /** Returns whether the option is built in ({@code =y}). */
  public boolean isEnabled(String option) {
    return "y".equals(values.get(option));
  }

  /** Returns the option's value as written, if it is set. */
  public Optional<String> value(String option) {
    return Optional.ofNullable(values.get(option));
  }

  /** Returns all that is set, in the order of the text. */
  public ImmutableMap<String, String> values() {
    return values;
  }
}

package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.spi.NoMemoryException;
import org.iommu4j.machine.pci.PciAddress;

/**
 * One boot of those that are compared.
 *
 * @param report what was decided
 * @param limits what each device's driver is told of its mappings; none where nothing can be mapped
 */
public record BootSide(BootReport report, ImmutableMap<PciAddress, Limits> limits) {
  /**
   * What a driver is told before it maps anything.
   *
   * @param requiredMask the smallest mask with which all memory can be reached
   * @param maxMappingBytes how large one mapping may be
   * @param mergeBoundary where list entries can be merged, or 0
   */
  public record Limits(long requiredMask, long maxMappingBytes, long mergeBoundary) {}

  /** Takes a boot, and asks its DMA API. */
  public static BootSide of(LinuxSystem system) {
    try {
      return new BootSide(system.report(), limits(system));
    } catch (NoMemoryException e) {
      return new BootSide(system.report(), ImmutableMap.of());
    }
  }

  private static ImmutableMap<PciAddress, Limits> limits(LinuxSystem system) {
    DmaMapping dma = system.dma();
    ImmutableMap.Builder<PciAddress, Limits> limits = ImmutableMap.builder();
    for (Map.Entry<PciAddress, Device> entry : system.devices().entrySet()) {
      Device device = entry.getValue();
      limits.put(
          entry.getKey(),
          new Limits(
              dma.requiredMask(device),
              dma.maxMappingSizeBytes(device),
              dma.mergeBoundary(device)));
    }
    return limits.buildOrThrow();
  }

  /** Returns the release that decided. */
  String series() {
    return report.release().series();
  }
}

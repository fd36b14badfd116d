package org.iommu4j.cli.render;

import java.util.Locale;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.jspecify.annotations.Nullable;

/** The words for values that the kernel may have or not have. */
final class Words {
  static final String NONE = "-";
  static final String DIRECT = "direct";
  static final String DMA_IOMMU = "dma-iommu";

  /** What a function has for an id that its facts do not tell; nobody has it for one. */
  private static final int UNKNOWN_VENDOR = 0xffff;

  private Words() {}

  static String group(@Nullable Integer group) {
    return group == null ? NONE : group.toString();
  }

  static String domain(BootReport report, @Nullable DomainType type) {
    return type == null ? NONE : report.rules().domainTypes().sysfsName(type);
  }

  static @Nullable String sysfsName(BootReport report, @Nullable DomainType type) {
    return type == null ? null : report.rules().domainTypes().sysfsName(type);
  }

  /** Returns the kernel's symbol of a device's operations, or what it is mapped with instead. */
  static String ops(DeviceReport device) {
    String symbol = device.dmaOps();
    if (symbol != null) {
      return symbol;
    }
    return device.dmaIommu() ? DMA_IOMMU : DIRECT;
  }

  static String trust(boolean untrusted) {
    return untrusted ? "untrusted" : "trusted";
  }

  static String region(ReservedRegion region) {
    return String.format("0x%x-0x%x %s", region.first(), region.last(), region.type().sysfsName());
  }

  /** Returns a number of bytes in the largest unit that divides it. */
  static String size(long bytes) {
    if (bytes >= 1L << 20 && bytes % (1L << 20) == 0) {
      return (bytes >> 20) + " MiB";
    }
    return bytes % 1024 == 0 ? (bytes >> 10) + " KiB" : bytes + " bytes";
  }

  /** Returns a number with its noun, in the plural unless there is one. */
  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  static String hex(int value, int digits) {
    return String.format(Locale.ROOT, "0x%0" + digits + "x", value);
  }

  /** Returns a vendor's or a device's id in hex; null if the facts do not tell the two. */
  static @Nullable String id(int vendorId, int id) {
    return vendorId == UNKNOWN_VENDOR ? null : hex(id, 4);
  }

  static String ids(DeviceReport device) {
    return ids(device.vendorId(), device.deviceId());
  }

  /** Returns vendor and device as lspci prints them; {@code [?]} if the facts do not tell them. */
  static String ids(int vendorId, int deviceId) {
    return vendorId == UNKNOWN_VENDOR
        ? "[?]"
        : String.format(Locale.ROOT, "[%04x:%04x]", vendorId, deviceId);
  }
}

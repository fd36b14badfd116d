package org.iommu4j.machine.lspci;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.machine.pci.PciResource;

/**
 * Reads the memory ranges that {@code lspci -v} prints of a function or behind a bridge.
 *
 * <p>Source: {@code lspci.c:show_bases, show_range, show_rom} of pciutils; the flags are those of
 * {@code include/linux/ioport.h}.
 */
final class ResourceText {
  private static final long MEM = 0x200;
  private static final long PREFETCH = 0x2000;
  private static final long MEM_64 = 0x100000;
  private static final Pattern REGION =
      Pattern.compile(
          "(?:\\[virtual\\] )?(?:Region \\d: )?(?:Memory|Expansion ROM) at ([0-9a-f]{1,16})\\b.*"
              + "\\[size=(\\d{1,10})([KMGT]?)\\].*");
  private static final Pattern BEHIND =
      Pattern.compile(
          "(Memory|Prefetchable memory) behind bridge: ([0-9a-f]{1,16})-([0-9a-f]{1,16})\\b.*");

  private ResourceText() {}

  static Optional<PciResource> parse(String line) {
    Matcher region = REGION.matcher(line);
    if (region.matches()) {
      return region(line, region);
    }
    Matcher behind = BEHIND.matcher(line);
    if (!behind.matches() || line.contains("[disabled]")) {
      return Optional.empty();
    }
    long start = Long.parseUnsignedLong(behind.group(2), 16);
    long end = Long.parseUnsignedLong(behind.group(3), 16);
    long flags = behind.group(1).equals("Memory") ? MEM : MEM | PREFETCH;
    return Long.compareUnsigned(start, end) <= 0
        ? Optional.of(new PciResource(start, end, flags))
        : Optional.empty();
  }

  private static Optional<PciResource> region(String line, Matcher region) {
    long start = Long.parseUnsignedLong(region.group(1), 16);
    int unit = "KMGT".indexOf(region.group(3));
    int shift = region.group(3).isEmpty() ? 0 : 10 * (unit + 1);
    long sizeBytes = Long.parseLong(region.group(2)) << shift;
    if (sizeBytes <= 0 || Long.compareUnsigned(start, start + sizeBytes - 1) > 0) {
      return Optional.empty();
    }
    boolean prefetch = line.contains(" prefetchable");
    long flags = MEM | (prefetch ? PREFETCH : 0) | (line.contains("64-bit") ? MEM_64 : 0);
    return Optional.of(new PciResource(start, start + sizeBytes - 1, flags));
  }
}

package org.iommu4j.evidence.trace;

import org.iommu4j.base.Pages;
import org.iommu4j.dma.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/** What the numbers of an event keep to, whichever driver made it happen. */
final class EventRules {
  /** The most bytes of one mapping. */
  static final long MAPPING_LIMIT_BYTES = 1L << 32;

  private EventRules() {}

  /** Returns the rule that an event breaks, or null if it keeps to all. */
  static @Nullable String brokenBy(TraceEvent event) {
    return switch (event.kind()) {
      case MAP ->
          Pages.isAligned(event.sizeBytes()) ? mapped(event) : "map_single maps whole pages";
      case BOUNCE_MAP -> mapped(event);
      case MAP_LIST, BOUNCE_MAP_LIST ->
          event.index() < 1 || event.index() > event.total()
              ? "a piece's number is 1 to the number of pieces"
              : event.sizeBytes() > Integer.MAX_VALUE
                  ? "a piece of a list is below 2 GiB"
                  : mapped(event);
      case UNMAP, UNMAP_LIST, BOUNCE_UNMAP -> size(event);
      default -> null;
    };
  }

  private static @Nullable String mapped(TraceEvent event) {
    long phys = event.phys();
    return phys < 0 || phys > (1L << PhysicalMemory.ADDRESS_BITS) - MAPPING_LIMIT_BYTES
        ? "a physical address is below 2^52"
        : size(event);
  }

  private static @Nullable String size(TraceEvent event) {
    return event.sizeBytes() < 1 || event.sizeBytes() > MAPPING_LIMIT_BYTES
        ? "a mapping has 1 byte to 4 GiB"
        : null;
  }
}

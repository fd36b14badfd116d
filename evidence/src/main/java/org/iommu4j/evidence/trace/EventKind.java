package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The events of the kernel that tell of DMA mappings, with the text that each prints.
 *
 * <p>Source: {@code include/trace/events/intel_iommu.h}, {@code include/trace/events/iommu.h}.
 */
enum EventKind {
  ADD_DEVICE("add_device_to_group", "IOMMU: groupID=(?<index>\\d{1,9}) device=(?<dev>\\S+)"),
  REMOVE_DEVICE(
      "remove_device_from_group", "IOMMU: groupID=(?<index>\\d{1,9}) device=(?<dev>\\S+)"),
  ATTACH("attach_device_to_domain", "IOMMU: device=(?<dev>\\S+)"),
  DETACH("detach_device_from_domain", "IOMMU: device=(?<dev>\\S+)"),
  DOMAIN_MAP("map", "IOMMU: iova=" + hex("addr") + " paddr=" + hex("phys") + " " + size()),
  DOMAIN_UNMAP("unmap", "IOMMU: iova=" + hex("addr") + " " + size() + " unmapped_size=\\d+"),
  FAULT("io_page_fault", "IOMMU:.* iova=" + hex("addr") + " flags=0x[0-9a-f]+"),
  MAP("map_single", mapped("")),
  MAP_LIST("map_sg", mapped(" " + piece())),
  UNMAP("unmap_single", unmapped()),
  UNMAP_LIST("unmap_sg", unmapped()),
  BOUNCE_MAP("bounce_map_single", mapped("")),
  BOUNCE_MAP_LIST("bounce_map_sg", mapped(" " + piece())),
  BOUNCE_UNMAP("bounce_unmap_single", unmapped());

  private static final String IOMMU = "IOMMU:";
  private static final ImmutableMap<String, EventKind> BY_NAME =
      Maps.uniqueIndex(Arrays.asList(values()), EventKind::eventName);

  private final String eventName;
  private final Pattern details;

  EventKind(String eventName, String details) {
    this.eventName = eventName;
    this.details = Pattern.compile(details + "\\s*");
  }

  private static String hex(String group) {
    return "0x(?<" + group + ">[0-9a-f]{1,16})";
  }

  private static String size() {
    return "size=(?<size>\\d{1,18})";
  }

  private static String piece() {
    return "\\[(?<index>\\d{1,9})/(?<total>\\d{1,9})\\]";
  }

  private static String mapped(String piece) {
    return "dev=(?<dev>\\S+)"
        + piece
        + " dev_addr="
        + hex("addr")
        + " phys_addr="
        + hex("phys")
        + " "
        + size();
  }

  private static String unmapped() {
    return "dev=(?<dev>\\S+) dev_addr=" + hex("addr") + " " + size();
  }

  /**
   * Returns the kind of an event by its name, if it is one of these; other subsystems have events
   * of the same names, which print other things.
   */
  static Optional<EventKind> of(String name, String printed) {
    return Optional.ofNullable(BY_NAME.get(name)).filter(kind -> kind.begins(printed));
  }

  private boolean begins(String printed) {
    return printed.startsWith(details.pattern().startsWith(IOMMU) ? IOMMU : "dev=");
  }

  /** Returns the kernel's name of the event. */
  String eventName() {
    return eventName;
  }

  /** Returns whether each such event is about one piece of a list. */
  boolean isOfPieces() {
    return this == MAP_LIST || this == BOUNCE_MAP_LIST;
  }

  /** Returns what the event prints. */
  Pattern details() {
    return details;
  }
}

package org.iommu4j.iommu.dma;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.Locale;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.MemoryMap;

/**
 * The addresses that the host bridge above a device answers to itself, which never reach memory.
 * Immutable.
 *
 * <p>Source: {@code include/linux/pci.h:struct pci_host_bridge}.
 *
 * @param windows where the bridge's devices have their registers
 * @param dmaRanges what the bridge forwards to memory; none if it forwards all that is left
 */
@Immutable
public record HostBridge(
    ImmutableList<AddressRange> windows, ImmutableList<AddressRange> dmaRanges) {
  private static final HostBridge NONE = new HostBridge(ImmutableList.of(), ImmutableList.of());

  /** Returns what a device has that is not on a PCI bus. */
  public static HostBridge none() {
    return NONE;
  }

  /**
   * Returns the bridge of a root bus, as a PC's map of addresses has it.
   *
   * @param domain the number of the PCI domain
   * @param bus the number of the root bus
   */
  public static HostBridge in(MemoryMap map, int domain, int bus) {
    String name = String.format(Locale.ROOT, "PCI Bus %04x:%02x", domain, bus);
    return new HostBridge(
        map.ranges().stream()
            .filter(range -> range.name().equals(name))
            .collect(ImmutableList.toImmutableList()),
        ImmutableList.of());
  }
}

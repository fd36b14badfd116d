package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import java.util.BitSet;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciBus;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.quirks.DmaAlias;
import org.iommu4j.machine.pci.quirks.DmaAliasRows;
import org.iommu4j.machine.pci.quirks.PciQuirks;
import org.jspecify.annotations.Nullable;

/**
 * The requester ids under which an IOMMU sees a function's DMA.
 *
 * <p>Immutable. The aliases of a Microsemi Switchtec bridge stand in its own memory, which
 * configuration space does not show: none are known here.
 *
 * <p>Source: {@code drivers/pci/search.c:pci_for_each_dma_alias}.
 */
public final class DmaAliases {
  private static final int HEADER_BRIDGE = 1;

  private final ImmutableMap<PciBus, PciDevice> hiddenDomains;
  private final ImmutableList<DmaAliasRows.Row> rows;

  private DmaAliases(
      ImmutableMap<PciBus, PciDevice> hiddenDomains, ImmutableList<DmaAliasRows.Row> rows) {
    this.hiddenDomains = hiddenDomains;
    this.rows = rows;
  }

  /** Returns the aliases among these functions, by the quirks of a release. */
  public static DmaAliases of(PciTopology topology, PciQuirks quirks) {
    return new DmaAliases(VmdDomains.controllers(topology), quirks.dmaAliases());
  }

  /**
   * Returns the function that masters the bus for this one: the controller of its hidden domain, or
   * itself.
   *
   * <p>Source: {@code arch/x86/pci/common.c:pci_real_dma_dev}.
   */
  public PciDevice realDmaDevice(PciDevice device) {
    PciBus bus = device.bus();
    for (PciBus above = bus.parent(); above != null; above = bus.parent()) {
      bus = above;
    }
    PciDevice controller = hiddenDomains.get(bus);
    return controller == null ? device : controller;
  }

  /**
   * Returns the device and function numbers, on the function's own bus, that it uses beside its own
   * (which may be among them).
   *
   * <p>Source: {@code drivers/pci/pci.c:pci_add_dma_alias}.
   */
  public BitSet aliasDevfns(PciDevice device) {
    BitSet devfns = new BitSet(256);
    rowsOf(device).forEach(alias -> devfns.or(alias.aliasesOf(device.address().devfn())));
    return devfns;
  }

  private ImmutableList<DmaAlias> rowsOf(PciDevice device) {
    ImmutableList.Builder<DmaAlias> found = ImmutableList.builder();
    for (DmaAliasRows.Row row : rows) {
      if (row.isOf(device.vendorId(), device.deviceId())
          && row.isOn(device.subsystemVendorId(), device.subsystemId(), device.subclass())) {
        found.add(row.alias());
      }
    }
    return found.build();
  }

  /**
   * Returns whether one of the two functions uses the other's number or masters the bus for it.
   *
   * <p>Source: {@code drivers/pci/pci.c:pci_devs_are_dma_aliases}.
   */
  public boolean areAliases(PciDevice one, PciDevice other) {
    return aliasDevfns(one).get(other.address().devfn())
        || aliasDevfns(other).get(one.address().devfn())
        || realDmaDevice(one) == other
        || realDmaDevice(other) == one;
  }

  /**
   * Returns the requester ids from the function up to the root bus, in the kernel's order; the
   * first is that of {@link #realDmaDevice}.
   */
  public ImmutableList<Alias> walk(PciDevice start) {
    ImmutableList.Builder<Alias> aliases = ImmutableList.builder();
    PciDevice device = realDmaDevice(start);
    aliases.add(
        new Alias(
            device,
            device.address().requesterId(),
            device == start ? "its own address" : start + " is in the domain behind " + device));
    addDevfns(device, aliases);
    for (PciBus bus = device.bus(); !bus.isRoot(); bus = parentOf(bus)) {
      PciDevice bridge = bus.self();
      if (bridge == null) {
        continue;
      }
      if (DmaAliasRows.isTranslationRoot(bridge.vendorId(), bridge.deviceId())) {
        break;
      }
      Alias alias = aliasOf(bridge, bus);
      if (alias != null) {
        aliases.add(alias);
      }
    }
    return aliases.build();
  }

  private static PciBus parentOf(PciBus bus) {
    PciBus parent = bus.parent();
    if (parent == null) {
      throw new AssertionError("bus " + bus + " is no root bus and has no parent");
    }
    return parent;
  }

  private void addDevfns(PciDevice device, ImmutableList.Builder<Alias> aliases) {
    int bus = device.address().bus();
    for (DmaAlias kind : rowsOf(device)) {
      String because = device + ": " + kind.source();
      kind.aliasesOf(device.address().devfn()).stream()
          .forEach(
              devfn -> aliases.add(new Alias(device, PciAddress.requesterId(bus, devfn), because)));
    }
  }

  private static @Nullable Alias aliasOf(PciDevice bridge, PciBus secondary) {
    int ofSecondary = PciAddress.requesterId(secondary.number(), 0);
    if (!bridge.isPcie()) {
      return isPcieBridge(bridge)
          ? new Alias(bridge, ofSecondary, bridge + " leads from PCI Express to PCI by quirk")
          : new Alias(bridge, bridge.address().requesterId(), bridge + " is a PCI bridge");
    }
    if (bridge.isPcieType(PcieType.PCIE_TO_PCI_BRIDGE)) {
      return new Alias(bridge, ofSecondary, bridge + " leads from PCI Express to PCI");
    }
    return bridge.isPcieType(PcieType.PCI_TO_PCIE_BRIDGE)
        ? new Alias(
            bridge, bridge.address().requesterId(), bridge + " leads from PCI to PCI Express")
        : null;
  }

  // drivers/pci/quirks.c:quirk_use_pcie_bridge_dma_alias
  private static boolean isPcieBridge(PciDevice bridge) {
    PciDevice above = bridge.bus().self();
    return DmaAliasRows.isPcieBridgeInDisguise(bridge.vendorId(), bridge.deviceId())
        && bridge.headerType() == HEADER_BRIDGE
        && above != null
        && above.isPcie()
        && !above.isPcieType(PcieType.PCIE_TO_PCI_BRIDGE);
  }

  /**
   * One requester id of a function's DMA.
   *
   * @param device the function or bridge whose id it is
   * @param requesterId bus, device and function, 16 bits
   * @param because why DMA comes under it
   */
  @Immutable
  @SuppressWarnings("Immutable") // a topology does not change once it is built
  public record Alias(PciDevice device, int requesterId, String because) {}
}

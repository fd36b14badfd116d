package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.pci.PciBus;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;

/**
 * Decides which bridges keep the devices below them from addresses of more than 32 bits: those by
 * VIA, which may spoil data sent with a dual address cycle (DAC).
 *
 * <p>Source: {@code arch/x86/kernel/pci-dma.c:via_no_dac}.
 */
public final class DacPolicy {
  /** The highest address that reaches the other side of such a bridge. */
  public static final long LIMIT = DmaMapping.bitMask(32);

  private static final Rule RULE = new Rule("bus-dma-limit");
  private static final int VIA = 0x1106;
  private static final int PCI_BRIDGE = 0x0604;
  private static final String SOURCE = "arch/x86/kernel/pci-dma.c:via_no_dac";

  private DacPolicy() {}

  /**
   * Returns the bridges, in the order in which the kernel looks at them.
   *
   * @param allowed whether the command line keeps such addresses ({@code iommu=usedac})
   */
  public static ImmutableList<PciDevice> bridges(PciTopology topology, boolean allowed) {
    return topology.devices().stream()
        .filter(device -> !allowed && device.vendorId() == VIA && device.subclass() == PCI_BRIDGE)
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns the devices on the buses below a bridge. */
  public static ImmutableList<PciDevice> below(PciDevice bridge) {
    PciBus bus = bridge.subordinate();
    if (bus == null) {
      return ImmutableList.of();
    }
    ImmutableList.Builder<PciDevice> below = ImmutableList.builder();
    for (PciDevice device : bus.devices()) {
      below.add(device).addAll(below(device));
    }
    return below.build();
  }

  /** Returns why a device below a bridge has a limit. */
  public static Decision decision(PciDevice bridge) {
    return Decision.of(RULE, String.format("0x%x", LIMIT), SOURCE, bridge + ": PCI bridge by VIA");
  }
}

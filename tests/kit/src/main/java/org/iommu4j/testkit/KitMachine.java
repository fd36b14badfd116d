package org.iommu4j.testkit;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;

/**
 * The machine that contracts are tested on: 1 GiB of memory, two CPUs, and two PCI functions, each
 * alone in its group. Which IOMMU it has is left to the vendor.
 */
public final class KitMachine {
  /** The device that most tests drive. */
  public static final PciAddress DEVICE = new PciAddress(0, 0, 3, 0);

  /** A device of another group, whose firmware wants {@link #DIRECT}. */
  public static final PciAddress OTHER = new PciAddress(0, 0, 4, 0);

  /** A device behind a port that leads out of the chassis; {@link #docked} has it. */
  public static final PciAddress DOCKED = new PciAddress(0, 1, 0, 0);

  /** A range that firmware uses with {@link #OTHER}, mapped one to one at all times. */
  public static final ReservedRegion DIRECT =
      new ReservedRegion(0x80_0000L, 0x80_ffffL, ReservedRegion.Type.DIRECT);

  /** Registers of some device, which are no memory. */
  public static final long REGISTERS_PHYS = 0xfebf_0000L;

  /** How many model CPUs there are. */
  public static final int CPUS = 2;

  private static final long RAM_END = 1L << 30;
  private static final PciAddress PORT = new PciAddress(0, 0, 5, 0);
  private static final long LITTLE_RAM_END = 32L << 20;
  private static final long FOUR_GIB = 1L << 32;
  private static final int PCIE_CAPABILITY = 0x40;
  private static final int ROOT_PORT = 4;

  private KitMachine() {}

  /** Returns the machine without an IOMMU, to be booted with a command line. */
  public static MachineBuilder builder(String commandLine) {
    return Machine.builder("test kit")
        .commandLine(CommandLine.parse(commandLine))
        .memory(
            MemoryMap.of(
                ImmutableList.of(
                    new AddressRange(0x10_0000L, DIRECT.first() - 1, MemoryMap.SYSTEM_RAM),
                    new AddressRange(DIRECT.first(), DIRECT.last(), MemoryMap.RESERVED),
                    new AddressRange(DIRECT.last() + 1, RAM_END - 1, MemoryMap.SYSTEM_RAM))))
        .property("cpus", Integer.toString(CPUS))
        .pci(PciTopology.of(ImmutableList.of(endpoint(DEVICE, 0x11e8), endpoint(OTHER, 0x10d3))));
  }

  /**
   * Returns a machine with little memory, 8 MiB of it above 4 GiB, so that there is a pool of
   * bounce slots; beside the other two it has {@link #DOCKED}, which Linux does not trust.
   *
   * <p>The pool takes 64 MiB unless the command line says {@code swiotlb=2048}, and fits only then.
   */
  public static MachineBuilder docked(String commandLine) {
    return builder(commandLine)
        .memory(
            MemoryMap.of(
                ImmutableList.of(
                    new AddressRange(0x10_0000L, DIRECT.first() - 1, MemoryMap.SYSTEM_RAM),
                    new AddressRange(DIRECT.first(), DIRECT.last(), MemoryMap.RESERVED),
                    new AddressRange(DIRECT.last() + 1, LITTLE_RAM_END - 1, MemoryMap.SYSTEM_RAM),
                    new AddressRange(FOUR_GIB, FOUR_GIB + (8L << 20) - 1, MemoryMap.SYSTEM_RAM))))
        .pci(
            PciTopology.of(
                ImmutableList.of(
                    endpoint(DEVICE, 0x11e8),
                    endpoint(OTHER, 0x10d3),
                    rootPort(),
                    endpoint(DOCKED, 0x11e8))));
  }

  private static PciFunctionFacts rootPort() {
    byte[] config = new byte[ConfigSpace.CONVENTIONAL_BYTES];
    config[0] = 0x34;
    config[1] = 0x12;
    config[0x06] = 0x10; // there is a list of capabilities
    config[0x0a] = 0x04;
    config[0x0b] = 0x06;
    config[0x0e] = 1;
    config[0x19] = (byte) DOCKED.bus();
    config[0x1a] = (byte) DOCKED.bus();
    config[0x34] = PCIE_CAPABILITY;
    config[PCIE_CAPABILITY] = 0x10;
    config[PCIE_CAPABILITY + 2] = (byte) (ROOT_PORT << 4 | 2);
    return PciFunctionFacts.ofConfig(PORT, ConfigSpace.of(config)).withExternalFacing(true);
  }

  private static PciFunctionFacts endpoint(PciAddress address, int deviceId) {
    byte[] config = new byte[ConfigSpace.CONVENTIONAL_BYTES];
    config[0] = 0x34;
    config[1] = 0x12;
    config[2] = (byte) deviceId;
    config[3] = (byte) (deviceId >> 8);
    config[0x0b] = 0x02; // a network controller: no class that Linux has a quirk for
    return PciFunctionFacts.ofConfig(address, ConfigSpace.of(config));
  }
}

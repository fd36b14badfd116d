package org.iommu4j.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.iommu4j.base.ModelCpus;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.release.Linux612;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.driver.CountedInvalidation;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.Ecap;

/**
 * A booted machine with two devices, each in a domain of its own.
 *
 * <p>It has two CPUs and one unit: three levels, 39 bits, pages of 2 MiB, no caching mode, walks
 * that see the CPUs' caches, and an invalidation queue.
 *
 * @param memory the machine's memory
 * @param cpus its CPUs
 * @param dma the DMA API of the system
 * @param first the device that most rows map for
 * @param second a device in another domain
 */
record Rig(PhysicalMemory memory, ModelCpus cpus, DmaMapping dma, Device first, Device second) {
  private static final long UNIT_PHYS = 0xfed9_0000L;
  private static final PciAddress FIRST = new PciAddress(0, 0, 3, 0);
  private static final PciAddress SECOND = new PciAddress(0, 0, 4, 0);
  private static final long CAP =
      Cap.ND.of(6)
          | Cap.SAGAW.of(2)
          | Cap.MGAW.of(38)
          | Cap.FRO.of(0x40)
          | Cap.SLLPS.of(1)
          | Cap.PSI.of(1)
          | Cap.MAMV.of(18);
  private static final long ECAP = Ecap.C.of(1) | Ecap.QI.of(1) | Ecap.IRO.of(0x50);

  /**
   * Boots the machine.
   *
   * @param options what {@code intel_iommu=} gets besides {@code on}, such as {@code ,strict}
   * @param counted whether a counter stands in the place of the hardware's invalidation
   */
  static Rig boot(String options, boolean counted) {
    Rig rig = boot("intel_iommu=on" + options);
    if (counted) {
      CountedInvalidation.install(rig.first());
    }
    return rig;
  }

  /** Boots the machine without remapping, but with a pool of slots that every mapping goes to. */
  static Rig bootBouncing() {
    return boot("swiotlb=force");
  }

  /**
   * Boots the machine with Linux 6.12, whose DMA API is dma-iommu's.
   *
   * @param lazy whether unmapped addresses wait for a flush
   * @param largePages whether the domains have pages of 2 MiB
   */
  static Rig bootDmaIommu(boolean lazy, boolean largePages) {
    String words = (largePages ? "" : ",sp_off") + " iommu.strict=" + (lazy ? "0" : "1");
    Rig rig =
        of(
            LinuxSystem.boot(
                machine("intel_iommu=on" + words),
                BootOptions.defaults().withRelease(Linux612.RELEASE)));
    CountedInvalidation.install(rig.first());
    return rig;
  }

  private static Rig boot(String commandLine) {
    return of(LinuxSystem.boot(machine(commandLine)));
  }

  private static Rig of(LinuxSystem system) {
    DmaMapping dma = system.dma();
    Device first = system.device(FIRST).orElseThrow();
    Rig rig =
        new Rig(
            system.services().memory(),
            system.services().cpus(),
            dma,
            first,
            system.device(SECOND).orElseThrow());
    if (dma.setMask(rig.first(), DmaMapping.bitMask(64)) != 0
        || dma.setMask(rig.second(), DmaMapping.bitMask(64)) != 0) {
      throw new AssertionError("no device takes a mask of 64 bits");
    }
    return rig;
  }

  private static Machine machine(String commandLine) {
    return Machine.builder("bench")
        .commandLine(CommandLine.parse(commandLine))
        .config(KernelConfig.parse("CONFIG_INTEL_IOMMU=y\nCONFIG_SWIOTLB=y\n"))
        .pci(PciTopology.of(ImmutableList.of(endpoint(FIRST), endpoint(SECOND))))
        .memory(
            MemoryMap.of(
                ImmutableList.of(
                    new AddressRange(0x10_0000L, 0x7fff_ffffL, MemoryMap.SYSTEM_RAM),
                    new AddressRange(0x1_0000_0000L, 0x3_ffff_ffffL, MemoryMap.SYSTEM_RAM))))
        .firmwareTable(new FirmwareTable("DMAR", "bench", dmar()))
        .unit(
            new UnitRegisters(
                UNIT_PHYS,
                ImmutableMap.of(
                    "version_major", 1L, "version_minor", 0L, "cap", CAP, "ecap", ECAP)))
        .property("cpus", "2")
        .build();
  }

  private static byte[] dmar() {
    return new DmarBuilder().add(Drhd.includeAll(UNIT_PHYS)).build();
  }

  private static PciFunctionFacts endpoint(PciAddress address) {
    byte[] space = new byte[ConfigSpace.EXTENDED_BYTES];
    space[0] = (byte) 0x86;
    space[1] = (byte) 0x80;
    space[0x0b] = 0x02;
    return PciFunctionFacts.ofConfig(address, ConfigSpace.of(space));
  }
}

package org.iommu4j.vtd.kit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that caches translations (ATS) forgets what is unmapped, because it is told to. */
final class DeviceTlbTest {
  private static final long UNIT_PHYS = 0xfed9_0000L;
  private static final long CAP = 0x00d2_0080_222f_0406L;
  private static final long ECAP = 0xf00 | 1 << 2 | 1 << 1; // DT and QI
  private static final int PAGE_ALIGNED = 1 << 5;
  private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

  private static PciFunctionFacts caching(int register) {
    byte[] config = new byte[ConfigSpace.EXTENDED_BYTES];
    ByteBuffer bytes = ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0, 0x11e8_1234).putShort(0x0a, (short) 0x0200);
    bytes.putInt(0x100, 1 << 16 | 0x0f).putShort(0x104, (short) register);
    return PciFunctionFacts.ofConfig(KitMachine.DEVICE, ConfigSpace.of(config));
  }

  private static Rig boot(String words) {
    byte[] table =
        new DmarBuilder()
            .hostAddressWidth(39)
            .add(new Drhd(1, 0, 0, UNIT_PHYS, ImmutableList.of()))
            .build();
    Machine machine =
        KitMachine.builder("intel_iommu=on" + words)
            .pci(PciTopology.of(ImmutableList.of(caching(PAGE_ALIGNED | 7))))
            .config(KernelConfig.parse("CONFIG_INTEL_IOMMU=y\nCONFIG_SWIOTLB=y\n"))
            .firmwareTable(new FirmwareTable("DMAR", "test", table))
            .unit(
                new UnitRegisters(
                    UNIT_PHYS,
                    ImmutableMap.of(
                        "version_major", 1L, "version_minor", 0L, "cap", CAP, "ecap", ECAP)))
            .build();
    ManualTimers timers = new ManualTimers();
    LinuxSystem linux = LinuxSystem.boot(machine, BootOptions.defaults().withTimers(timers));
    return new Rig(linux, timers, KitMachine.DEVICE);
  }

  @ParameterizedTest
  @ValueSource(strings = {" intel_iommu=strict", ""})
  void whatIsUnmappedIsForgottenByTheDeviceToo(String words) {
    Rig rig = boot(words);
    long page = rig.allocPages(1);
    long dmaAddr = rig.dma().mapPage(rig.device(), page, 0, 8192, BOTH, DmaAttributes.NONE);
    rig.deviceWrites(dmaAddr + 4090, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, rig.cpuReads(page + 4090, 8));
    rig.dma().unmapPage(rig.device(), dmaAddr, 8192, BOTH, DmaAttributes.NONE);
    assertEquals(!rig.isStrict(), rig.canWrite(dmaAddr, (byte) 9));
    rig.letTimersFlush();
    assertFalse(rig.canWrite(dmaAddr, (byte) 9));
    assertFalse(rig.canRead(dmaAddr + 4096));
  }
}

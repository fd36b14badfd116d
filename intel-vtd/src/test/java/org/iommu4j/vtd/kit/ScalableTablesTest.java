package org.iommu4j.vtd.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.HardwareEntry.Mode;
import org.iommu4j.iommu.spi.HardwareEntry.Stage;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** VT-d in scalable mode, whose tables lead by way of a directory of address spaces. */
final class ScalableTablesTest {
  private static final int BOTH_WAYS = IommuDomain.READ | IommuDomain.WRITE;

  /** Units with scalable mode; the names tell the stages that they have. */
  enum Unit implements VendorFixture {
    /** As an emulated unit: scalable mode with second stage, and pass-through. */
    SECOND(0x4800_80f0_0f4aL),
    /** With first stage alone. */
    FIRST(0x8800_80f0_0f4aL),
    /** With both. */
    BOTH(0xc800_80f0_0f4aL);

    private static final long UNIT_PHYS = 0xfed9_0000L;
    private static final long CAP = 0xd2_0084_222f_0406L;

    private final long ecap;

    Unit(long ecap) {
      this.ecap = ecap;
    }

    @Override
    public IommuVendor vendor() {
      return IntelFixture.STRICT_QUEUE.vendor();
    }

    @Override
    public void mark(MachineBuilder machine) {
      IntelFixture.STRICT_QUEUE.mark(machine);
      machine.unit(
          new UnitRegisters(
              UNIT_PHYS,
              ImmutableMap.of("version_major", 1L, "version_minor", 0L, "cap", CAP, "ecap", ecap)));
    }

    @Override
    public String commandLine() {
      return "intel_iommu=on,sm_on iommu.strict=1";
    }

    @Override
    public int pageTableLevels() {
      return 4;
    }

    @Override
    public boolean mapsLargePages() {
      return true;
    }
  }

  private static Rig boot(Unit unit, String series, String words) {
    return Rig.boot(unit, words, KernelReleases.named(series).orElseThrow());
  }

  private static HardwareEntry entry(Rig rig) {
    return rig.system().hardwareEntry(rig.address()).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "SECOND, 6.1, SECOND, SECOND",
    "SECOND, 6.12, SECOND, SECOND",
    "FIRST, 6.1, FIRST, FIRST",
    "FIRST, 6.12, FIRST, FIRST",
    "BOTH, 6.1, FIRST, SECOND",
    "BOTH, 6.12, FIRST, SECOND"
  })
  void theDmaApiTakesTheFirstStageIfThereIsOneAndOwnersTheSecond(
      Unit unit, String series, Stage ofDmaApi, Stage ofOwner) {
    Rig rig = boot(unit, series, "");
    IommuApi iommu = rig.system().iommu();
    IommuDomain usual = rig.system().domain(rig.address()).orElseThrow();
    assertEquals(Mode.SCALABLE, entry(rig).mode());
    assertEquals(ofDmaApi, entry(rig).stage());
    assertEquals(4, entry(rig).levels());
    assertTrue(usual.isWalkedBy(entry(rig)));
    long lastIova = (1L << (ofDmaApi == Stage.FIRST ? 47 : 48)) - 1;
    assertEquals(lastIova, usual.geometry().lastIova(), "half are not canonical");

    IommuDomain own = Objects.requireNonNull(iommu.domainAlloc());
    assertEquals(0, iommu.map(own, 0x5000, 0x40_0000, 0x1000, BOTH_WAYS));
    assertEquals(0, iommu.attachDevice(own, rig.address()));
    assertEquals(ofOwner, entry(rig).stage());
    assertTrue(own.isWalkedBy(entry(rig)));
    assertTrue(rig.canRead(0x5000));
    assertFalse(rig.canRead(0x6000));
    iommu.detachDevice(own, rig.address());
    assertTrue(usual.isWalkedBy(entry(rig)));
    assertFalse(rig.canRead(0x5000));
  }

  @ParameterizedTest
  @EnumSource(Unit.class)
  void mappingsReachWhatTheyAreAboutInBothStagesAndNothingAfterwards(Unit unit) {
    Rig rig = boot(unit, "6.12", "");
    long phys = rig.allocPages(9);
    long large = rig.dma().mapPage(rig.device(), phys, 0, 2 << 20, DmaDirection.BIDIRECTIONAL, 0);
    long small = rig.dma().mapPage(rig.device(), phys, 0x123, 0x456, DmaDirection.TO_DEVICE, 0);
    rig.cpuWrites(phys + 0x123, new byte[] {1, 2, 3});
    assertEquals(1, rig.deviceReads(small, 1)[0]);
    assertEquals(3, rig.deviceReads(large + 0x125, 1)[0]);
    rig.deviceWrites(large + (2 << 20) - 1, new byte[] {4});
    assertEquals(4, rig.cpuReads(phys + (2 << 20) - 1, 1)[0]);
    assertFalse(rig.canWrite(small, (byte) 9));
    rig.dma().unmapPage(rig.device(), small, 0x456, DmaDirection.TO_DEVICE, 0);
    rig.dma().unmapPage(rig.device(), large, 2 << 20, DmaDirection.BIDIRECTIONAL, 0);
    assertFalse(rig.canRead(small));
    assertFalse(rig.canRead(large));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void identityIsAnEntryOfAnAddressSpaceWithANumberOfItsOwn(String series) {
    Rig rig = boot(Unit.SECOND, series, " iommu=pt");
    HardwareEntry entry = entry(rig);
    assertEquals(Mode.SCALABLE, entry.mode());
    assertEquals(Stage.NONE, entry.stage());
    assertEquals(1, entry.domainId());
    assertTrue(rig.canRead(0x40_0000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void whatFirmwareWantsIsMappedThereToo(String series) {
    Rig rig = boot(Unit.BOTH, series, "").with(KitMachine.OTHER);
    assertTrue(rig.canRead(KitMachine.DIRECT.first()));
    assertFalse(rig.canRead(KitMachine.DIRECT.last() + 1));
  }

  @ParameterizedTest
  @EnumSource(Unit.class)
  void aBlockedDeviceHasAContextAndNoAddressSpace(Unit unit) {
    Rig rig = boot(unit, "6.12", "");
    IommuApi iommu = rig.system().iommu();
    IommuGroup group = iommu.group(rig.address()).orElseThrow();
    assertEquals(0, iommu.claimDmaOwner(group, this));
    assertEquals(Optional.empty(), rig.system().hardwareEntry(rig.address()));
    rig.system().takeLog();
    assertFalse(rig.canRead(0x2000));
    assertEquals(
        List.of(
            "DMAR: DRHD: handling fault status reg 2",
            "DMAR: [DMA Read NO_PASID] Request device [00:03.0] fault addr 0x2000"
                + " [fault reason 0x59] SM: Present bit in PASID Table Entry is clear"),
        rig.system().takeLog());
    iommu.releaseDmaOwner(group);
    assertEquals(Mode.SCALABLE, entry(rig).mode());
  }

  @ParameterizedTest
  @EnumSource(Unit.class)
  void aWalkIsShownByWayOfTheDirectory(Unit unit) {
    Rig rig = boot(unit, "6.12", "");
    long phys = rig.allocPages(0);
    long dmaAddr = rig.dma().mapPage(rig.device(), phys, 0, 0x1000, DmaDirection.BIDIRECTIONAL, 0);
    TableWalk walk = rig.system().walk(rig.address(), dmaAddr).orElseThrow();
    assertEquals(
        List.of(
            "root entry of bus 00",
            "context entry of 03.0",
            "PASID directory entry 0x0",
            "PASID entry 0x0"),
        walk.entries().stream().limit(4).map(TableWalk.Entry::name).toList());
    assertEquals(8, walk.entries().size());
    assertEquals(phys, walk.read().phys());
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void entriesOfTheFirstStageAreThoseOfAProcessor(String series) {
    Rig rig = boot(Unit.FIRST, series, "");
    long phys = rig.allocPages(0);
    long dmaAddr = rig.dma().mapPage(rig.device(), phys, 0, 0x1000, DmaDirection.BIDIRECTIONAL, 0);
    TableWalk walk = rig.system().walk(rig.address(), dmaAddr).orElseThrow();
    long leaf = walk.entries().get(7).words().get(0).bits();
    long noExecution = series.equals("6.1") ? 1L << 63 : 0;
    assertEquals(phys | 0x67 | noExecution, leaf);
    long table = walk.entries().get(6).words().get(0).bits();
    assertEquals(0x27 | noExecution, table & ~0x000f_ffff_ffff_f000L);
  }
}

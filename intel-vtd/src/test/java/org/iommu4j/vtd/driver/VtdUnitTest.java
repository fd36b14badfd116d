package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.base.ModelCpus;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.FrameAllocator;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.vtd.hw.Access;
import org.iommu4j.vtd.hw.HardwareConfig;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.Global;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.policy.RemappingUnit;
import org.iommu4j.vtd.policy.ScopeSpan;
import org.iommu4j.vtd.policy.UnitCapabilities;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What the driver has done to a unit: the cases of initialization of kvm-unit-tests' {@code
 * x86/intel-iommu.c} as our own. Its two of interrupt remapping become one that it stays off.
 */
final class VtdUnitTest {
  private static final long CAP = 0xd2008c222f0606L;
  private static final long ECAP = 0xf00f4aL;
  private static final long NO_QUEUE = ~2L;
  private static final int DEVICE = 3 << 3;

  private final PhysicalMemory memory =
      PhysicalMemory.ofRam(List.of(new PhysRange(1L << 20, 1L << 26)));
  private final FrameAllocator frames = new FrameAllocator(memory);
  private final List<String> log = new ArrayList<>();

  private VtdUnit unit(long ecap) {
    SystemServices services =
        new SystemServices(
            Linux510.RULES,
            memory,
            frames,
            frames,
            1L << 14,
            new ManualTimers(),
            new ModelCpus(1),
            log::add,
            SwiotlbPool.absent(
                Linux510.RULES.swiotlb(),
                memory,
                0,
                SwiotlbForce.NORMAL,
                new DeviceLog(log::add, () -> 0L)),
            HardwareObserver.NONE);
    UnitCapabilities registers = new UnitCapabilities(0x10, new Capabilities(CAP, ecap), false);
    ScopeSpan noScopes = new ScopeSpan(0, 0, 0, false, 0);
    RemappingUnit facts =
        new RemappingUnit(0, 0, 0xfed9_0000L, true, registers, false, 2, 2, noScopes);
    HardwareConfig config = HardwareConfig.of(new Capabilities(CAP, ecap), 48);
    return new VtdUnit(
        facts,
        new RemappingHardware(memory, config, HardwareObserver.NONE),
        services,
        false,
        FaultForm.DECIMAL_REASON,
        false);
  }

  private static boolean isOn(VtdUnit unit, BitField bit) {
    return bit.isSet(Integer.toUnsignedLong(unit.hardware().read32(Register.GSTS)));
  }

  @Test
  void noFaultIsPendingAndNoneWasSeen() {
    VtdUnit unit = unit(ECAP);
    unit.enableTranslation();
    assertEquals(0, unit.hardware().read32(Register.FSTS));
    assertEquals(List.of(), log);
  }

  @Test
  void theQueueIsOnWhereThereIsOne() {
    assertTrue(isOn(unit(ECAP), Global.QIE));
    assertFalse(isOn(unit(ECAP & NO_QUEUE), Global.QIE));
  }

  @Test
  void theRootTableIsSetToAFrameThatIsEmpty() {
    VtdUnit unit = unit(ECAP);
    assertTrue(isOn(unit, Global.SRTP));
    long rootPhys = unit.hardware().read64(Register.RTADDR);
    assertTrue(memory.isRam(rootPhys));
    for (int offset = 0; offset < 4096; offset += 8) {
      assertEquals(0, memory.read64(rootPhys + offset));
    }
  }

  @Test
  void translationIsOnOnlyWhenAskedFor() {
    VtdUnit unit = unit(ECAP);
    assertFalse(isOn(unit, Global.TE));
    unit.enableTranslation();
    assertTrue(isOn(unit, Global.TE));
    assertTrue(isOn(unit, Global.QIE), "one command does not undo another");
  }

  @Test
  void interruptRemappingStaysOff() {
    VtdUnit unit = unit(ECAP);
    unit.enableTranslation();
    assertFalse(isOn(unit, Global.IRE));
    assertFalse(isOn(unit, Global.SIRTP));
  }

  @Test
  void aContextEntryIsFoundByTheHardwareUntilItIsCleared() {
    VtdUnit unit = unit(ECAP);
    unit.enableTranslation();
    RemappingHardware hardware = unit.hardware();
    assertEquals(FaultReason.ROOT_NOT_PRESENT, refusal(hardware));
    long table = frames.allocateZeroed(0, MemoryZone.NORMAL);
    unit.contexts().set(DEVICE, ContextEntry.of(0, table, 4, 5), 5);
    assertTrue(unit.contexts().has(DEVICE));
    assertEquals(FaultReason.READ_DENIED, refusal(hardware), "the table is empty");
    unit.contexts().clear(DEVICE);
    assertFalse(unit.contexts().has(DEVICE));
    assertEquals(FaultReason.CONTEXT_NOT_PRESENT, refusal(hardware));
  }

  @Test
  void nothingIsLeftOfAContextEntryThatWasCleared() {
    VtdUnit unit = unit(ECAP);
    unit.contexts().set(DEVICE, ContextEntry.of(0, 1L << 21, 4, 5), 5);
    unit.contexts().clear(DEVICE);
    long rootEntry = memory.read64(unit.hardware().read64(Register.RTADDR));
    long entryPhys = ContextEntry.entryPhys(rootEntry & RootEntry.CTP.mask(), DEVICE);
    assertEquals(0, memory.read64(entryPhys));
    assertEquals(0, memory.read64(entryPhys + 8));
  }

  private static @Nullable FaultReason refusal(RemappingHardware hardware) {
    return RemappingHardware.refusal(hardware.translate(DEVICE, 0x1000, Access.READ));
  }
}

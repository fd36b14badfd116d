package org.iommu4j.vtd.hw;

import static org.iommu4j.vtd.hw.Rig.DEVICE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.DeviceTlbInvalidate;
import org.iommu4j.vtd.hw.format.Ecap;
import org.iommu4j.vtd.hw.format.InterruptEntryCacheInvalidate;
import org.iommu4j.vtd.hw.format.InvalidationWait;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.FaultStatus;
import org.iommu4j.vtd.hw.format.RegisterBits.Queue;
import org.junit.jupiter.api.Test;

final class QueueTest {
  private static final long WIDE_QUEUE = 0x2000_0000;

  private final List<String> messages = new ArrayList<>();
  private final Rig rig = new Rig(Rig.FULL).boot(ContextEntry.absent());

  private void listen() {
    rig.unit.setInterruptSink(
        new InterruptSink() {
          @Override
          public void fromUnit(long address, int data) {
            messages.add(String.format("%x=%x", address, data));
          }

          @Override
          public void fromDevice(int sourceId, long address, int data) {
            messages.add(String.format("%x: %x=%x", sourceId, address, data));
          }
        });
    rig.unit.write32(Register.FEADDR, 0xfee0_1000);
    rig.unit.write32(Register.FEDATA, 0x41);
    rig.unit.write32(Register.IEADDR, 0xfee0_2000);
    rig.unit.write32(Register.IEUADDR, 1);
    rig.unit.write32(Register.IEDATA, 0x42);
  }

  @Test
  void theQueueWrapsAround() {
    rig.enableQueue();
    long status = rig.frame();
    for (int i = 1; i <= 600; i++) {
      rig.submit(InvalidationWait.lowStatus(i), InvalidationWait.high(status + 4));
      assertEquals(i, rig.memory.read32(status + 4));
      assertEquals(i & 255, rig.queueHead());
    }
    assertEquals(0, rig.faultStatus());
  }

  @Test
  void manyDescriptorsAreTakenByOneTail() {
    long status = rig.frame();
    for (int i = 0; i < 200; i++) {
      rig.memory.write64(rig.queuePhys + i * 16L, InvalidationWait.lowStatus(i + 1));
      rig.memory.write64(rig.queuePhys + i * 16L + 8, status + i * 4L);
    }
    rig.enableQueue();
    rig.unit.write64(Register.IQT, 200 << 4);
    for (int i = 0; i < 200; i++) {
      assertEquals(i + 1, rig.memory.read32(status + i * 4L));
    }
  }

  @Test
  void aBadDescriptorStopsTheQueueUntilSoftwareRepairsIt() {
    rig.enableQueue();
    long status = rig.frame();
    rig.submit(0xf, 0);
    rig.submit(InvalidationWait.lowStatus(5), status);
    assertEquals(FaultStatus.IQE.mask(), rig.faultStatus());
    assertEquals(3, rig.unit.read64(Register.IQERCD));
    assertEquals(0, rig.queueHead());
    assertEquals(0, rig.memory.read32(status));
    rig.memory.write64(rig.queuePhys, InterruptEntryCacheInvalidate.lowGlobal());
    rig.unit.write32(Register.FSTS, (int) FaultStatus.IQE.mask());
    assertEquals(2, rig.queueHead());
    assertEquals(5, rig.memory.read32(status));
    assertEquals(0, rig.faultStatus());
  }

  @Test
  void reservedBitsAndATailBeyondTheQueueAreErrors() {
    long[][] bad = {
      {1 | 1 << 4 | 1 << 6, 0},
      {1 | 1 << 4, 1},
      {2 | 1 << 4 | 1 << 8, 0},
      {2 | 3 << 4, 0x80},
      {2 | 3 << 4, 19},
      {2, 0},
      {1, 0},
      {3 | 1 << 8, 0},
      {4 | 1 << 5, 0},
      {5 | 1 << 5, 2},
      {0, 0}
    };
    for (long[] descriptor : bad) {
      Rig each = new Rig(Rig.FULL);
      each.enableQueue();
      each.submit(descriptor[0], descriptor[1]);
      assertEquals(FaultStatus.IQE.mask(), each.faultStatus(), () -> descriptor[0] + "");
    }
    rig.enableQueue();
    rig.unit.write64(Register.IQT, 256 << 4);
    assertEquals(FaultStatus.IQE.mask(), rig.faultStatus());
    assertEquals(1, rig.unit.read64(Register.IQERCD));
  }

  @Test
  void aWaitInterruptsOncePerAcknowledgement() {
    listen();
    rig.enableQueue();
    rig.submit(InvalidationWait.lowInterrupt(), 0);
    assertEquals(List.of(), messages);
    rig.unit.write32(Register.IECTL, 0);
    assertEquals(List.of("1fee02000=42"), messages);
    rig.submit(InvalidationWait.lowInterrupt(), 0);
    assertEquals(1, messages.size());
    rig.unit.write32(Register.ICS, 1);
    rig.submit(InvalidationWait.lowInterrupt(), 0);
    assertEquals(2, messages.size());
  }

  @Test
  void aMaskedInterruptWhoseCauseIsGoneIsNotSent() {
    listen();
    rig.enableQueue();
    rig.submit(InvalidationWait.lowInterrupt(), 0);
    assertEquals(0xc000_0000, rig.unit.read32(Register.IECTL));
    rig.unit.write32(Register.ICS, 1);
    rig.unit.write32(Register.IECTL, 0);
    assertEquals(List.of(), messages);
  }

  @Test
  void aDeviceThatDoesNotAnswerTimesTheNextWaitOut() {
    List<String> asked = new ArrayList<>();
    rig.unit.setDeviceTlb(
        (source, iova, bytes) -> {
          asked.add(String.format("%x %x %x", source, iova, bytes));
          return source != DEVICE;
        });
    rig.enableQueue();
    long status = rig.frame();
    rig.submit(DeviceTlbInvalidate.low(0x18, 0x18, 0), DeviceTlbInvalidate.high(0x5000, 0));
    rig.submit(InvalidationWait.lowStatus(1), status);
    assertEquals(1, rig.memory.read32(status));
    rig.submit(DeviceTlbInvalidate.low(DEVICE, DEVICE, 0), DeviceTlbInvalidate.high(0x8000, 3));
    rig.submit(InvalidationWait.lowStatus(2), status);
    rig.submit(InvalidationWait.lowStatus(3), status);
    assertEquals(List.of("18 5000 1000", "20 8000 8000"), asked);
    assertEquals(FaultStatus.ITE.mask(), rig.faultStatus());
    assertEquals(1, rig.memory.read32(status));
    assertEquals(4, rig.queueHead());
    rig.unit.write32(Register.FSTS, (int) FaultStatus.ITE.mask());
    assertEquals(3, rig.memory.read32(status));
    assertEquals(5, rig.queueHead());
  }

  @Test
  void whileTheQueueIsOnARegisterCommandStaysUnfinished() {
    rig.enableQueue();
    rig.unit.write64(Register.CCMD, 1L << 63 | 1L << 61);
    assertTrue(rig.unit.read64(Register.CCMD) < 0);
    rig.unit.write32(Register.GCMD, 1 << 31);
    assertEquals(0, rig.queueHead());
  }

  @Test
  void scalableModeIsRefusedByAUnitThatLacksIt() {
    Rig scalable = new Rig(Rig.FULL.withEcap(Ecap.SMTS, 1));
    assertTrue(scalable.unit.capabilities().scalableMode());
    scalable.unit.write64(Register.RTADDR, 1 << 10);
    scalable.unit.write32(Register.GCMD, 1 << 30);
    Rig legacy = new Rig(Rig.FULL);
    legacy.unit.write64(Register.RTADDR, 1 << 10);
    assertThrows(
        UnsupportedOperationException.class, () -> legacy.unit.write32(Register.GCMD, 1 << 30));
  }

  @Test
  void aModeThatIsNoneIsRefused() {
    Rig scalable = new Rig(Rig.FULL.withEcap(Ecap.SMTS, 1));
    scalable.unit.write64(Register.RTADDR, 3 << 10);
    assertThrows(
        UnsupportedOperationException.class, () -> scalable.unit.write32(Register.GCMD, 1 << 30));
  }

  private static Rig wideQueue(int frames) {
    Rig wide = new Rig(Rig.FULL.withEcap(Ecap.SMTS, 1)).boot(ContextEntry.absent());
    wide.unit.write64(Register.IQA, WIDE_QUEUE | 1 << 11 | frames - 1);
    wide.unit.write64(Register.IQT, 0);
    wide.unit.write32(Register.GCMD, 1 << 26);
    return wide;
  }

  private static void putWide(Rig rig, int index, long... words) {
    for (int i = 0; i < words.length; i++) {
      rig.memory.write64(WIDE_QUEUE + index * 32L + i * 8L, words[i]);
    }
  }

  @Test
  void aDescriptorOf256BitsTakesTwoPlacesOfAQueue() {
    Rig wide = wideQueue(2);
    long status = wide.frame();
    for (int i = 0; i < 600; i++) {
      putWide(wide, i & 255, InvalidationWait.lowStatus(i + 1), InvalidationWait.high(status));
      wide.unit.write64(Register.IQT, Queue.INDEX.of(2 * (i + 1) & 511));
      assertEquals(i + 1, wide.memory.read32(status));
      assertEquals(2 * (i + 1) & 511, wide.queueHead());
    }
    assertEquals(0, wide.faultStatus());
  }

  @Test
  void aFrameHolds128DescriptorsOf256Bits() {
    Rig wide = wideQueue(1);
    wide.unit.write64(Register.IQT, Queue.INDEX.of(256));
    assertEquals(1, wide.unit.read64(Register.IQERCD));
  }

  @Test
  void theTailOfAQueueOf256BitsIsEven() {
    Rig wide = wideQueue(2);
    wide.unit.write64(Register.IQT, Queue.INDEX.of(3));
    assertEquals(FaultStatus.IQE.mask(), wide.faultStatus());
    assertEquals(1, wide.unit.read64(Register.IQERCD));
  }

  @Test
  void theUpperHalfOfADescriptorOf256BitsIsReserved() {
    for (int word = 2; word < 4; word++) {
      Rig wide = wideQueue(2);
      putWide(
          wide,
          0,
          InterruptEntryCacheInvalidate.lowGlobal(),
          0,
          word == 2 ? 1 : 0,
          word == 3 ? 1 : 0);
      wide.unit.write64(Register.IQT, Queue.INDEX.of(2));
      assertEquals(4, wide.unit.read64(Register.IQERCD));
      assertEquals(0, wide.queueHead());
    }
    Rig wide = wideQueue(2);
    putWide(wide, 0, 0xf, 0, 1, 0);
    wide.unit.write64(Register.IQT, Queue.INDEX.of(2));
    assertEquals(3, wide.unit.read64(Register.IQERCD));
  }

  @Test
  void aDescriptorFetchedFromNowhereIsAnError() {
    rig.unit.write64(Register.IQA, 0x4000_0000L);
    rig.unit.write32(Register.GCMD, 1 << 26);
    rig.unit.write64(Register.IQT, 1 << 4);
    assertEquals(FaultStatus.IQE.mask(), rig.faultStatus());
    assertEquals(2, rig.unit.read64(Register.IQERCD));
  }

  @Test
  void aDevicesWriteToTheInterruptWindowIsAnInterruptAndNoDma() {
    listen();
    byte[] data = {0x31, 0, 0, 0, 0, 0, 0, 0};
    assertEquals(null, rig.requester(DEVICE).write(0xfee0_0004L, data, 0, 4));
    assertEquals(List.of("20: fee00004=31"), messages);
    DmaFault fault = rig.requester(DEVICE).write(0xfee0_0000L, data, 0, 8);
    assertEquals(new DmaFault(null, 0xfee0_0000L, DEVICE, Access.WRITE, 0), fault);
    assertEquals(0, rig.faultStatus());
  }
}

package org.iommu4j.vtd.hw;

import static org.iommu4j.vtd.hw.Rig.DEVICE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.ContextCacheInvalidate;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.IotlbInvalidate;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.ContextCommand;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;
import org.iommu4j.vtd.hw.format.RegisterBits.IotlbCommand;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.junit.jupiter.api.Test;

/** What stays cached, and what an invalidation takes away. */
final class InvalidationTest {
  private static final long IOVA = 0x40_0000L;

  private static void iotlb(Rig rig, boolean queued, int granularity, int did, long iova, int am) {
    if (queued) {
      long high = granularity == Granularity.SELECTIVE ? IotlbInvalidate.high(iova, am, false) : 0;
      rig.submit(IotlbInvalidate.low(granularity, did, true), high);
      return;
    }
    int offset = rig.unit.capabilities().iotlbOffset();
    rig.unit.write64(offset, iova | am);
    long request = IotlbCommand.IVT.of(1) | IotlbCommand.IIRG.of(granularity);
    rig.unit.write64(offset + 8, request | IotlbCommand.DID.of(did));
    long done = rig.unit.read64(offset + 8);
    assertEquals(0, IotlbCommand.IVT.get(done));
    assertEquals(granularity, IotlbCommand.IAIG.get(done));
  }

  private static void context(
      Rig rig, boolean queued, int granularity, int did, int source, int mask) {
    if (queued) {
      rig.submit(ContextCacheInvalidate.low(granularity, did, source, mask), 0);
      return;
    }
    rig.unit.write64(
        Register.CCMD,
        ContextCommand.ICC.of(1)
            | ContextCommand.CIRG.of(granularity)
            | ContextCommand.DID.of(did)
            | ContextCommand.SID.of(source)
            | ContextCommand.FM.of(mask));
    long done = rig.unit.read64(Register.CCMD);
    assertEquals(0, ContextCommand.ICC.get(done));
    assertEquals(granularity, ContextCommand.CAIG.get(done));
  }

  @Test
  void aStaleEntryStaysInUseUntilItsPageIsInvalidated() {
    Rig rig = new Rig(Rig.QEMU);
    long table = rig.frame();
    long phys = rig.set(table, 3, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, true));
    rig.boot(ContextEntry.of(0, table, 3, 7));
    assertEquals(0x5000, rig.write(IOVA));
    rig.memory.write64(phys, 0);
    assertEquals(0x5123, rig.write(IOVA + 0x123));
    iotlb(rig, false, Granularity.SELECTIVE, 7, IOVA + 0x1000, 0);
    iotlb(rig, false, Granularity.SELECTIVE, 8, IOVA, 0);
    iotlb(rig, false, Granularity.DOMAIN, 8, 0, 0);
    assertEquals(0x5000, rig.write(IOVA));
    iotlb(rig, false, Granularity.SELECTIVE, 7, IOVA, 0);
    assertTrue(RemappingHardware.isRefused(rig.write(IOVA)));
  }

  @Test
  void aPageOfASuperpageTakesTheWholeSuperpageAway() {
    Rig rig = new Rig(Rig.QEMU);
    long table = rig.frame();
    long phys = rig.set(table, 3, IOVA, 2, SecondLevelEntry.leaf(0x20_0000, 2, true, true));
    rig.boot(ContextEntry.of(0, table, 3, 7));
    assertEquals(0x20_0000, rig.read(IOVA));
    rig.memory.write64(phys, 0);
    assertEquals(0x20_1000, rig.read(IOVA + 0x1000));
    iotlb(rig, false, Granularity.SELECTIVE, 7, IOVA + 0x1f_f000, 0);
    assertTrue(RemappingHardware.isRefused(rig.read(IOVA)));
  }

  @Test
  void anAddressMaskBeyondTheMaximumIsAWrongRequest() {
    Rig rig = new Rig(Rig.QEMU).boot(ContextEntry.absent());
    int offset = rig.unit.capabilities().iotlbOffset();
    rig.unit.write64(offset, 19);
    rig.unit.write64(offset + 8, IotlbCommand.IVT.of(1) | IotlbCommand.IIRG.of(3));
    assertEquals(0, IotlbCommand.IAIG.get(rig.unit.read64(offset + 8)));
  }

  @Test
  void aUnitWithoutPageSelectiveInvalidationForgetsTheDomain() {
    Rig rig = new Rig(Rig.QEMU.withCap(Cap.PSI, 0));
    long table = rig.frame();
    long phys = rig.set(table, 3, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, true));
    rig.boot(ContextEntry.of(0, table, 3, 7));
    assertEquals(0x5000, rig.read(IOVA));
    rig.memory.write64(phys, 0);
    int offset = rig.unit.capabilities().iotlbOffset();
    rig.unit.write64(
        offset + 8, IotlbCommand.IVT.of(1) | IotlbCommand.IIRG.of(3) | IotlbCommand.DID.of(7));
    assertEquals(Granularity.DOMAIN, IotlbCommand.IAIG.get(rig.unit.read64(offset + 8)));
    assertTrue(RemappingHardware.isRefused(rig.read(IOVA)));
  }

  @Test
  void aFunctionMaskReachesTheFunctionsItNames() {
    for (int mask = 0; mask < 4; mask++) {
      Rig rig = new Rig(Rig.QEMU);
      for (int function = 0; function < 8; function++) {
        rig.setContext(DEVICE + function, ContextEntry.of(2, 0, 4, 9));
      }
      rig.boot(ContextEntry.of(2, 0, 4, 9));
      List<Integer> gone = new ArrayList<>();
      for (int function = 0; function < 8; function++) {
        assertEquals(0x9000, rig.unit.translate(DEVICE + function, 0x9000, Access.READ));
        rig.setContext(DEVICE + function, ContextEntry.absent());
      }
      context(rig, false, Granularity.SELECTIVE, 9, DEVICE + 5, mask);
      for (int function = 0; function < 8; function++) {
        if (rig.unit.translate(DEVICE + function, 0x9000, Access.READ) < 0) {
          gone.add(function);
        }
      }
      List<List<Integer>> expected =
          List.of(List.of(5), List.of(1, 5), List.of(1, 3, 5, 7), List.of(0, 1, 2, 3, 4, 5, 6, 7));
      assertEquals(expected.get(mask), gone);
    }
  }

  @Test
  void inCachingModeARefusalIsCachedUntilItIsInvalidated() {
    Rig rig = new Rig(Rig.QEMU.withCap(Cap.CM, 1));
    long table = rig.frame();
    rig.boot(ContextEntry.absent());
    assertTrue(RemappingHardware.isRefused(rig.read(IOVA)));
    rig.setContext(DEVICE, ContextEntry.of(0, table, 3, 7));
    context(rig, false, Granularity.DOMAIN, 7, 0, 0);
    rig.clearRecord(0);
    assertTrue(RemappingHardware.isRefused(rig.read(IOVA)));
    assertEquals(2, rig.record(0).reasonCode());
    context(rig, false, Granularity.SELECTIVE, 0, DEVICE, 0);
    rig.clearRecord(0);
    assertTrue(RemappingHardware.isRefused(rig.read(IOVA)));
    assertEquals(6, rig.record(0).reasonCode());
    rig.set(table, 3, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, true));
    assertTrue(RemappingHardware.isRefused(rig.read(IOVA)));
    iotlb(rig, false, Granularity.SELECTIVE, 7, IOVA, 0);
    assertEquals(0x5000, rig.read(IOVA));
  }

  @Test
  void inCachingModeARefusedWriteOfAPageThatCanBeReadRefusesNoRead() {
    Rig rig = new Rig(Rig.QEMU.withCap(Cap.CM, 1));
    long table = rig.frame();
    rig.boot(ContextEntry.of(0, table, 3, 7));
    rig.set(table, 3, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, false));
    assertTrue(RemappingHardware.isRefused(rig.write(IOVA)));
    assertEquals(5, rig.record(0).reasonCode());
    assertEquals(0x5000, rig.read(IOVA));
    rig.clearRecord(0);
    assertTrue(RemappingHardware.isRefused(rig.write(IOVA)));
    assertEquals(5, rig.record(0).reasonCode());
  }

  @Test
  void inCachingModeACachedRefusalForReservedBitsStillDeniesFirst() {
    Rig rig = new Rig(Rig.QEMU.withCap(Cap.CM, 1));
    long table = rig.frame();
    rig.boot(ContextEntry.of(0, table, 3, 7));
    rig.set(table, 3, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, false) | 1L << 51);
    assertTrue(RemappingHardware.isRefused(rig.read(IOVA)));
    assertEquals(12, rig.record(0).reasonCode());
    rig.clearRecord(0);
    assertTrue(RemappingHardware.isRefused(rig.write(IOVA)));
    assertEquals(5, rig.record(0).reasonCode());
  }

  /** A register and a descriptor that ask for the same thing leave the same things usable. */
  @Property(tries = 150)
  void registersAndDescriptorsAgree(@ForAll long seed) {
    assertEquals(play(seed, false), play(seed, true));
  }

  private static List<Long> play(long seed, boolean queued) {
    Random random = new Random(seed);
    Rig rig = new Rig(Rig.QEMU);
    long[] tables = {rig.frame(), rig.frame()};
    rig.boot(ContextEntry.of(0, tables[0], 3, 1));
    rig.setContext(DEVICE + 1, ContextEntry.of(0, tables[1], 3, 2));
    if (queued) {
      rig.enableQueue();
    }
    List<Long> seen = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int which = random.nextInt(2);
      long iova = random.nextInt(64) * 0x1000L + random.nextInt(2) * 0x20_0000L;
      int granularity = 1 + random.nextInt(3);
      int mask = random.nextInt(7);
      switch (random.nextInt(8)) {
        case 0 -> context(rig, queued, granularity, 1 + which, DEVICE + which, mask & 3);
        case 1 -> iotlb(rig, queued, granularity, 1 + which, iova, mask);
        case 2, 3 -> {
          long entry = random.nextBoolean() ? 0 : 0x10_0003 + random.nextInt(99) * 0x1000L;
          rig.set(tables[which], 3, iova, 1, entry);
        }
        default -> seen.add(rig.unit.translate(DEVICE + which, iova, Access.READ));
      }
    }
    return seen;
  }

  @Property(tries = 100)
  void aSmallCacheNeverTranslatesWhatWasNeverMapped(@ForAll long seed) {
    Random random = new Random(seed);
    Rig rig = new Rig(new HardwareConfig(Rig.QEMU, 0x10, 48, 16, 4, true));
    long table = rig.frame();
    rig.boot(ContextEntry.of(0, table, 3, 1));
    for (int i = 0; i < 200; i++) {
      long page = random.nextInt(100);
      if (page < 50) {
        rig.set(table, 3, page << 12, 1, (page + 0x1000) << 12 | 3);
      }
      long result = rig.read(page << 12);
      assertEquals(page < 50, !RemappingHardware.isRefused(result));
      assertTrue(page >= 50 || result == (page + 0x1000) << 12);
    }
  }

  @Test
  void aReaderRacingWithRemappingsSeesTheOldPageTheNewOneOrNone() throws InterruptedException {
    Rig rig = new Rig(Rig.QEMU);
    long table = rig.frame();
    rig.boot(ContextEntry.of(0, table, 3, 7));
    AtomicBoolean done = new AtomicBoolean();
    List<Long> wrong = Collections.synchronizedList(new ArrayList<>());
    Thread reader =
        new Thread(
            () -> {
              while (!done.get()) {
                long result = rig.unit.translate(DEVICE, IOVA + 8, Access.READ);
                if (result != 0x5008 && result != 0x20_0008 && result != -7) {
                  wrong.add(result);
                }
              }
            });
    reader.start();
    for (int i = 0; i < 20_000; i++) {
      long page = (i & 1) == 0 ? 0x5000 : 0x20_0000;
      rig.set(table, 3, IOVA, 1, SecondLevelEntry.leaf(page, 1, true, false));
      iotlb(rig, false, Granularity.SELECTIVE, 7, IOVA, 0);
      assertEquals(page, rig.read(IOVA));
      rig.set(table, 3, IOVA, 1, 0);
      iotlb(rig, false, Granularity.SELECTIVE, 7, IOVA, 0);
      assertTrue(RemappingHardware.isRefused(rig.read(IOVA)));
    }
    done.set(true);
    reader.join();
    assertEquals(List.of(), wrong);
  }
}

package org.iommu4j.vtd.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.stream.Collectors;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.iommu.spi.TableWalk.Entry;
import org.iommu4j.vtd.hw.Access;
import org.iommu4j.vtd.hw.HardwareConfig;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.Global;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.junit.jupiter.api.Test;

final class WalkReportsTest {
  private static final long CAP = WalkReports.FULL_CAP;
  private static final long ECAP = WalkReports.FULL_ECAP;
  private static final int DEVICE = 0x0428;

  private final PhysicalMemory memory = PhysicalMemory.everywhere();

  private void tables(ContextEntry context) {
    memory.write64(RootEntry.entryPhys(0x1000, DEVICE >> 8), RootEntry.of(0x2000).low());
    long entry = ContextEntry.entryPhys(0x2000, DEVICE & 0xff);
    memory.write64(entry, context.low());
    memory.write64(entry + 8, context.high());
    memory.write64(0x3000, SecondLevelEntry.table(0x4000, true, true));
    memory.write64(0x4008, SecondLevelEntry.table(0x5000, true, true));
    memory.write64(0x5010, SecondLevelEntry.leaf(0x60_0000, 2, true, false));
  }

  private static ContextEntry context() {
    return ContextEntry.of(ContextEntry.TT_UNTRANSLATED, 0x3000, 4, 7);
  }

  private TableWalk walk(long iova) {
    return WalkReports.fromRoot(memory, CAP, ECAP, 0x1000, DEVICE, iova);
  }

  private static String fields(Entry entry) {
    return entry.words().stream()
        .flatMap(word -> word.fields().stream())
        .map(field -> field.name() + "=" + Long.toHexString(field.value()))
        .collect(Collectors.joining(" "));
  }

  @Test
  void everyEntryIsToldWithItsFieldsAndWhereItLeads() {
    tables(context());
    ImmutableList<Entry> entries = walk(0x4040_1234L).entries();
    assertEquals(
        ImmutableList.of(
            "root entry of bus 04",
            "context entry of 05.0",
            "level 4 entry 0x000",
            "level 3 entry 0x001",
            "level 2 entry 0x002"),
        entries.stream().map(Entry::name).toList());
    assertEquals("P=1 CTP=2", fields(entries.get(0)));
    assertEquals("P=1 FPD=0 TT=0 SLPTPTR=3 AW=2 AVAIL=0 DID=7", fields(entries.get(1)));
    assertEquals("R=1 W=0 PS=1 SNP=0 ADDR=600 TM=0", fields(entries.get(4)));
    assertEquals("context table at 0x2000", entries.get(0).leadsTo());
    assertEquals("table of level 3 at 0x4000", entries.get(2).leadsTo());
    assertEquals("2 MiB page at 0x600000", entries.get(4).leadsTo());
  }

  @Test
  void readAndWriteEndEachForItself() {
    tables(context());
    TableWalk walk = walk(0x4040_1234L);
    assertEquals(0x60_1234L, walk.read().phys());
    assertEquals(2 << 20, walk.read().pageBytes());
    assertNull(walk.write().phys());
    assertEquals(5, walk.write().faultReason());
  }

  @Test
  void passThroughNeedsNoPageTable() {
    tables(context().with(ContextEntry.TT, ContextEntry.TT_PASS_THROUGH));
    TableWalk walk = walk(0x123_4567L);
    assertEquals(2, walk.entries().size());
    assertEquals(0x123_4567L, walk.write().phys());
    assertTrue(walk.entries().get(1).leadsTo().startsWith("memory"), walk::toString);
  }

  @Test
  void aReservedBitIsShownWhereItIs() {
    tables(context());
    memory.write64(0x4008, memory.read64(0x4008) | SecondLevelEntry.SNP.mask());
    TableWalk walk = walk(0x4040_1234L);
    Entry last = walk.entries().get(walk.entries().size() - 1);
    assertEquals("level 3 entry 0x001", last.name());
    assertEquals("R=1 W=1 PS=0 ADDR=5 reserved=800", fields(last));
    assertEquals(0xc, walk.read().faultReason());
  }

  @Test
  void aFaultThatTheContextKeepsQuietIsSaidToBeQuiet() {
    tables(context().with(ContextEntry.FPD, 1));
    assertTrue(walk(0).read().words().endsWith("FPD: not recorded"));
  }

  @Test
  void theInterruptWindowIsNoMemory() {
    tables(context());
    TableWalk walk = walk(0xfee0_1000L);
    assertEquals(ImmutableList.of(), walk.entries());
    assertNull(walk.write().faultReason());
    assertTrue(walk.write().words().startsWith("not memory"));
  }

  @Test
  void aTableAloneIsWalkedFromItsLevel() {
    tables(context());
    TableWalk walk = WalkReports.fromTable(memory, CAP, ECAP, 0x4000, 3, 0x4040_0000L);
    assertEquals(0x60_0000L, walk.read().phys());
    assertEquals(2, walk.entries().size());
    TableWalk beyond = WalkReports.fromTable(memory, CAP, ECAP, 0x4000, 3, 1L << 39);
    assertEquals(4, beyond.read().faultReason());
  }

  @Test
  void whatTheUnitLacksIsRefused() {
    tables(context());
    long without = new Capabilities(CAP, ECAP).withCap(BitField.bits("SLLPS", 37, 34), 0).cap();
    TableWalk walk = WalkReports.fromRoot(memory, without, ECAP, 0x1000, DEVICE, 0x4040_1234L);
    assertEquals(0xc, walk.read().faultReason());
  }

  @Test
  void aStaleCacheIsNoted() {
    tables(context());
    RemappingHardware unit =
        new RemappingHardware(
            memory, HardwareConfig.of(new Capabilities(CAP, ECAP), 48), HardwareObserver.NONE);
    assertEquals(0x1234L, WalkReports.of(unit, DEVICE, 0x1234).read().phys());
    unit.write64(Register.RTADDR, 0x1000);
    unit.write32(Register.GCMD, (int) Global.SRTP.mask());
    unit.write32(Register.GCMD, (int) Global.TE.mask());
    assertEquals(0x60_1234L, unit.translate(DEVICE, 0x4040_1234L, Access.READ));
    assertEquals(ImmutableList.of(), WalkReports.of(unit, DEVICE, 0x4040_1234L).notes());
    memory.write64(0x5010, 0);
    TableWalk walk = WalkReports.of(unit, DEVICE, 0x4040_1234L);
    assertEquals(6, walk.read().faultReason());
    assertEquals(
        ImmutableList.of("the caches are stale: reads still go to 0x601234 until they are flushed"),
        walk.notes());
  }
}

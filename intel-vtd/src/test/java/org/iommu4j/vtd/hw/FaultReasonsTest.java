package org.iommu4j.vtd.hw;

import static org.iommu4j.vtd.hw.Rig.DEVICE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.FaultRecord;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.FaultStatus;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.junit.jupiter.api.Test;

/** Every reason of a fault in legacy mode, by an example. */
final class FaultReasonsTest {
  private static final long IOVA = 0x12_3456_7000L;
  private final Rig rig = new Rig(Rig.FULL);
  private final long table = rig.frame();
  private final ContextEntry context = ContextEntry.of(0, table, 4, 7);

  private void expect(FaultReason reason, Access access, long result, long iova) {
    assertEquals(reason, RemappingHardware.refusal(result));
    int index = (int) FaultStatus.FRI.get(rig.faultStatus());
    FaultRecord record = rig.record(index);
    assertTrue(record.isValid());
    assertEquals(reason, FaultReason.ofCode(record.reasonCode()));
    assertEquals(access == Access.READ, record.isRead());
    assertEquals(DEVICE, record.sourceId());
    assertEquals(iova & -4096, record.pageIova());
    assertEquals(2, rig.faultStatus() & 3);
    rig.clearRecord(index);
    assertEquals(0, rig.faultStatus() & 3);
  }

  private void expectRead(FaultReason reason) {
    expect(reason, Access.READ, rig.read(IOVA), IOVA);
  }

  @Test
  void aBusWithoutRootEntryIsReason1() {
    rig.boot(context);
    rig.memory.write64(RootEntry.entryPhys(rig.rootPhys, 0), 0);
    expectRead(FaultReason.ROOT_NOT_PRESENT);
  }

  @Test
  void aFunctionWithoutContextEntryIsReason2() {
    rig.boot(ContextEntry.absent());
    expectRead(FaultReason.CONTEXT_NOT_PRESENT);
  }

  @Test
  void aWidthOrTypeThatIsNotSupportedIsReason3() {
    rig.boot(context.with(ContextEntry.AW, 0));
    expectRead(FaultReason.CONTEXT_INVALID);
    Rig plain = new Rig(Rig.QEMU).boot(context.with(ContextEntry.TT, 1));
    assertEquals(FaultReason.CONTEXT_INVALID, RemappingHardware.refusal(plain.read(IOVA)));
    plain.setContext(DEVICE, context.with(ContextEntry.TT, 3));
    assertEquals(FaultReason.CONTEXT_INVALID, RemappingHardware.refusal(plain.read(IOVA)));
    plain.setContext(DEVICE, context.with(ContextEntry.AW, 3));
    assertEquals(FaultReason.CONTEXT_INVALID, RemappingHardware.refusal(plain.read(IOVA)));
  }

  @Test
  void aTopmostTableOutsideMemoryIsReason3() {
    rig.boot(context.with(ContextEntry.SLPTPTR, 0x4000_0000L >> 12));
    expectRead(FaultReason.CONTEXT_INVALID);
  }

  @Test
  void anAddressWiderThanThePageTablesOrTheUnitIsReason4() {
    rig.boot(context);
    expect(FaultReason.ADDRESS_BEYOND_WIDTH, Access.WRITE, rig.write(1L << 48), 1L << 48);
    Rig narrow = new Rig(Rig.QEMU.withCap(Cap.MGAW, 38)).boot(context);
    assertEquals(
        FaultReason.ADDRESS_BEYOND_WIDTH, RemappingHardware.refusal(narrow.read(1L << 39)));
  }

  @Test
  void aWriteWithoutTheRightIsReason5() {
    rig.set(table, 4, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, false));
    rig.boot(context);
    expect(FaultReason.WRITE_DENIED, Access.WRITE, rig.write(IOVA + 8), IOVA);
    assertEquals(0x5010, rig.read(IOVA + 0x10));
  }

  @Test
  void aReadWithoutTheRightIsReason6AtAnyLevel() {
    rig.set(table, 4, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, true));
    rig.boot(context);
    long middle = SecondLevelEntry.entryPhys(table, IOVA, 4);
    rig.memory.write64(middle, rig.memory.read64(middle) & ~1);
    expectRead(FaultReason.READ_DENIED);
    assertEquals(0x5000, rig.write(IOVA));
    expectRead(FaultReason.READ_DENIED); // by the entry that the write has cached
  }

  @Test
  void anUnmappedPageIsReason5Or6() {
    rig.boot(context);
    expectRead(FaultReason.READ_DENIED);
    expect(FaultReason.WRITE_DENIED, Access.WRITE, rig.write(IOVA), IOVA);
  }

  @Test
  void aLowerTableOutsideMemoryIsReason7() {
    rig.set(table, 4, IOVA, 3, SecondLevelEntry.table(0x4000_0000L, true, true));
    rig.boot(context);
    expectRead(FaultReason.PAGE_TABLE_INACCESSIBLE);
  }

  @Test
  void aRootTableOutsideMemoryIsReason8() {
    rig.boot(context);
    rig.unit.write64(Register.RTADDR, 0x4000_0000L);
    rig.unit.write32(Register.GCMD, 3 << 30);
    expectRead(FaultReason.ROOT_TABLE_INACCESSIBLE);
  }

  @Test
  void aContextTableOutsideMemoryIsReason9() {
    rig.boot(context);
    rig.memory.write64(RootEntry.entryPhys(rig.rootPhys, 0), RootEntry.of(0x4000_0000L).low());
    expectRead(FaultReason.CONTEXT_TABLE_INACCESSIBLE);
  }

  @Test
  void reservedBitsOfARootEntryAreReasonA() {
    rig.boot(context);
    long entry = RootEntry.entryPhys(rig.rootPhys, 0);
    rig.memory.write64(entry + 8, 1);
    expectRead(FaultReason.ROOT_RESERVED);
    rig.memory.write64(entry + 8, 0);
    rig.memory.write64(entry, rig.memory.read64(entry) | 1L << 48);
    expectRead(FaultReason.ROOT_RESERVED);
  }

  @Test
  void reservedBitsOfAContextEntryAreReasonB() {
    rig.boot(new ContextEntry(context.low() | 0x10, context.high()));
    expectRead(FaultReason.CONTEXT_RESERVED);
    rig.setContext(DEVICE, new ContextEntry(context.low(), context.high() | 0x80));
    expectRead(FaultReason.CONTEXT_RESERVED);
    Rig few = new Rig(Rig.FULL.withCap(Cap.ND, 0));
    few.boot(context.with(ContextEntry.DID, 16));
    assertEquals(FaultReason.CONTEXT_RESERVED, RemappingHardware.refusal(few.read(IOVA)));
  }

  @Test
  void reservedBitsOfAPageTableEntryAreReasonC() {
    rig.boot(context);
    long bare = SecondLevelEntry.table(0x5000, true, true);
    expectReserved(1, bare | 1L << 48);
    expectReserved(2, bare | SecondLevelEntry.PS.mask());
    expectReserved(2, bare | SecondLevelEntry.SNP.mask());
    expectReserved(3, bare | SecondLevelEntry.TM.mask());
    expectReserved(4, bare | SecondLevelEntry.PS.mask());
  }

  @Test
  void ignoredBitsOfAPageTableEntryMeanNothing() {
    rig.boot(context);
    long leaf = SecondLevelEntry.leaf(0x5000, 1, true, true);
    rig.set(table, 4, IOVA, 1, leaf | 1L << 63 | 0x3ffL << 52 | 0x67cL);
    assertEquals(0x5000, rig.read(IOVA));
  }

  @Test
  void snoopAndTransientBitsAreReservedWhereTheUnitHasNeither() {
    Rig plain = new Rig(Rig.QEMU).boot(context);
    for (BitField field : new BitField[] {SecondLevelEntry.SNP, SecondLevelEntry.TM}) {
      long top = plain.frame();
      plain.setContext(DEVICE + 1, ContextEntry.of(0, top, 4, 8));
      long leaf = SecondLevelEntry.leaf(0x5000, 1, true, true) | field.mask();
      plain.set(top, 4, IOVA, 1, leaf);
      long result = plain.unit.translate(DEVICE + 1, IOVA, Access.READ);
      assertEquals(FaultReason.PAGE_TABLE_RESERVED, RemappingHardware.refusal(result));
    }
  }

  private void expectReserved(int level, long entry) {
    long phys = rig.set(table, 4, IOVA, level, entry);
    expectRead(FaultReason.PAGE_TABLE_RESERVED);
    rig.memory.write64(phys, 0);
  }

  @Test
  void aTranslationRequestThatTheTypeBlocksIsReasonD() {
    rig.boot(context);
    assertEquals(AtsCompletion.NOTHING, rig.unit.translationRequest(DEVICE, IOVA));
    assertEquals(0xd, rig.record(0).reasonCode());
    rig.clearRecord(0);
    expect(
        FaultReason.REQUEST_TYPE_BLOCKED,
        Access.WRITE,
        rig.unit.translated(DEVICE, 0x5000, Access.WRITE),
        0x5000);
  }

  @Test
  void aTranslationRequestIsAnsweredWithRightsAndWithoutFault() {
    rig.boot(context.with(ContextEntry.TT, ContextEntry.TT_DEVICE_TLB));
    assertEquals(AtsCompletion.NOTHING, rig.unit.translationRequest(DEVICE, IOVA));
    assertEquals(0, rig.faultStatus());
    rig.set(table, 4, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, false, true));
    assertEquals(
        new AtsCompletion(0x5000, 4096, false, true), rig.unit.translationRequest(DEVICE, IOVA));
    assertEquals(0x5000, rig.unit.translated(DEVICE, 0x5000, Access.READ));
  }

  @Test
  void faultProcessingDisableLeavesQualifiedFaultsUnrecorded() {
    rig.boot(context.with(ContextEntry.FPD, 1));
    assertEquals(FaultReason.READ_DENIED, RemappingHardware.refusal(rig.read(IOVA)));
    rig.setContext(DEVICE + 1, ContextEntry.absent().with(ContextEntry.FPD, 1));
    rig.unit.translate(DEVICE + 1, IOVA, Access.READ);
    assertEquals(0, rig.faultStatus());
    rig.unit.translate(0x100, IOVA, Access.READ);
    assertEquals(2, rig.faultStatus());
  }

  @Test
  void aFaultInTheMiddleOfADmaLeavesWhatWasBeforeItDone() {
    rig.set(table, 4, IOVA, 1, SecondLevelEntry.leaf(0x8000, 1, true, true));
    rig.boot(context);
    byte[] data = new byte[0x1800];
    data[0] = 1;
    DmaFault fault = rig.requester(DEVICE).write(IOVA + 0x800, data, 0, data.length);
    assertEquals(
        new DmaFault(FaultReason.WRITE_DENIED, IOVA + 0x1000, DEVICE, Access.WRITE, 0x800), fault);
    assertEquals(1, rig.memory.read8(0x8800));
    assertNull(rig.requester(DEVICE).read(IOVA + 0x800, data, 8, 8));
    assertEquals(1, data[8]);
    assertEquals(
        "WRITE of 0x1234568000 by 00:04.0 refused: WRITE_DENIED, 2048 bytes done",
        String.valueOf(fault));
  }
}

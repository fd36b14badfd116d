package org.iommu4j.vtd.hw.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class EntryFieldsTest {
  private static final List<Class<?>> ENTRIES =
      List.of(
          RootEntry.class,
          ContextEntry.class,
          SecondLevelEntry.class,
          FaultRecord.class,
          Cap.class,
          Ecap.class,
          ContextCacheInvalidate.class,
          IotlbInvalidate.class,
          DeviceTlbInvalidate.class,
          InterruptEntryCacheInvalidate.class,
          InvalidationWait.class,
          RegisterBits.Global.class,
          RegisterBits.RootTable.class,
          RegisterBits.ContextCommand.class,
          RegisterBits.IotlbCommand.class,
          RegisterBits.InvalidateAddress.class,
          RegisterBits.FaultStatus.class,
          RegisterBits.EventControl.class,
          RegisterBits.ProtectedMemory.class,
          RegisterBits.Queue.class);

  private static List<BitField> fieldsOf(Class<?> entry) {
    List<BitField> fields = new ArrayList<>();
    for (Field field : entry.getFields()) {
      if (field.getType() == BitField.class) {
        try {
          fields.add((BitField) field.get(null));
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
    return fields;
  }

  @Provide
  Arbitrary<BitField> fields() {
    return Arbitraries.of(ENTRIES.stream().flatMap(e -> fieldsOf(e).stream()).toList());
  }

  @Property(tries = 2000)
  void everyFieldOfEveryEntryComesBackAndDisturbsNoOther(
      @ForAll("fields") BitField field, @ForAll long word, @ForAll long value) {
    long fitting = value & field.maximum();
    long replaced = field.replace(word, fitting);
    assertEquals(fitting, field.get(replaced));
    assertEquals(word & ~field.mask(), replaced & ~field.mask());
    assertEquals(fitting != 0, field.isSet(replaced));
    assertEquals(field.highBit() - field.lowBit() + 1, Long.bitCount(field.mask()));
  }

  @Test
  void noTwoFieldsOfAnEntryOverlap() {
    for (Class<?> entry : ENTRIES) {
      if (entry == RegisterBits.Queue.class) {
        continue; // several registers' fields
      }
      long[] taken = new long[2];
      for (BitField field : fieldsOf(entry)) {
        assertEquals(0, taken[field.word()] & field.mask(), entry.getSimpleName() + " " + field);
        taken[field.word()] |= field.mask();
      }
      assertTrue((taken[0] | taken[1]) != 0, entry.getSimpleName());
    }
  }

  @Test
  void aValueThatDoesNotFitIsTheCallersMistake() {
    assertThrows(IllegalArgumentException.class, () -> ContextEntry.TT.of(4));
    assertThrows(IllegalArgumentException.class, () -> new BitField("X", 64, 63));
  }

  @Property
  void aContextEntryTellsWhatItWasMadeOf(@ForAll long bits) {
    long phys = bits & 0xf_ffff_ffff_f000L;
    int domainId = (int) (bits & 0xffff);
    int levels = 3 + (int) ((bits >>> 20 & 0xff) % 3);
    ContextEntry entry = ContextEntry.of(ContextEntry.TT_DEVICE_TLB, phys, levels, domainId);
    assertTrue(entry.isPresent());
    assertEquals(phys, entry.pageTablePhys());
    assertEquals(levels, entry.levels());
    assertEquals(domainId, entry.domainId());
    assertEquals(ContextEntry.TT_DEVICE_TLB, entry.translationType());
    assertEquals(1, entry.with(ContextEntry.FPD, 1).get(ContextEntry.FPD));
    assertEquals(9, entry.with(ContextEntry.AVAIL, 9).get(ContextEntry.AVAIL));
  }

  @Property
  void aFaultRecordTellsTheFault(@ForAll long iova, @ForAll boolean read, @ForAll short source) {
    FaultReason reason = FaultReason.ofCode(1 + Math.floorMod(source, 13));
    FaultRecord record = FaultRecord.of(reason, source & 0xffff, iova, read);
    assertTrue(record.isValid());
    assertEquals(read, record.isRead());
    assertEquals(source & 0xffff, record.sourceId());
    assertEquals(reason.code(), record.reasonCode());
    assertEquals(iova & -4096, record.pageIova());
  }

  /** The words that a driver of this hardware queues, worked out by hand from the specification. */
  @Test
  void descriptorsHaveTheirBitsWhereTheHardwareLooks() {
    assertEquals(0x1_1234_5678_0031L, ContextCacheInvalidate.low(3, 0x5678, 0x1234, 1));
    assertEquals(0xabcd_00f2L, IotlbInvalidate.low(3, 0xabcd, true));
    assertEquals(0x7f_e000_0049L, IotlbInvalidate.high(0x7f_e000_0000L, 9, true));
    assertEquals(0x15, InvalidationWait.lowInterrupt());
    assertEquals(0xffff_fffe_0000_0025L, InvalidationWait.lowStatus(-2));
    assertEquals(0x1004, InvalidationWait.high(0x1004));
    assertEquals(0x4, InterruptEntryCacheInvalidate.lowGlobal());
    assertEquals(0xbeef_2800_0014L, InterruptEntryCacheInvalidate.lowSelective(0xbeef, 5));
    assertEquals(0x0200_0100_0005_5003L, DeviceTlbInvalidate.low(0x100, 0x205, 5));
  }

  @Property
  void aDeviceTlbDescriptorNamesTheRangeItWasMadeOf(@ForAll long iova, @ForAll byte size) {
    int mask = Math.floorMod(size, 40);
    long high = DeviceTlbInvalidate.high(iova, mask);
    long bytes = 4096L << mask;
    assertEquals(bytes, DeviceTlbInvalidate.lengthBytes(high));
    assertEquals(iova & -bytes, DeviceTlbInvalidate.startIova(high));
    assertEquals(0, high & DeviceTlbInvalidate.RESERVED_HIGH);
  }

  @Test
  void aDeviceTlbDescriptorCanNameEverything() {
    long all = DeviceTlbInvalidate.high(0, 52);
    assertEquals(0, DeviceTlbInvalidate.lengthBytes(all));
    assertEquals(0, DeviceTlbInvalidate.startIova(all));
  }

  /** QEMU 7.2's unit with {@code aw-bits=48}. */
  @Test
  void capabilitiesOfAKnownUnitAreRead() {
    Capabilities caps = new Capabilities(0xd2_008c_222f_0606L, 0xf0_0f4aL);
    assertEquals(16, caps.domainIdBits());
    assertEquals(48, caps.mgawBits());
    assertTrue(caps.supportsLevels(3) && caps.supportsLevels(4) && !caps.supportsLevels(5));
    assertTrue(caps.supportsLeaf(2) && caps.supportsLeaf(3) && !caps.supportsLeaf(4));
    assertEquals(0x220, caps.faultRecordOffset());
    assertEquals(1, caps.faultRecords());
    assertEquals(0xf0, caps.iotlbOffset());
    assertEquals(18, caps.maxAddressMask());
    assertTrue(caps.queuedInvalidation() && caps.passThrough() && !caps.deviceTlb());
    assertTrue(caps.drainsReads() && caps.drainsWrites() && !caps.cachingMode());
    assertTrue(caps.withCap(Cap.CM, 1).cachingMode() && caps.withEcap(Ecap.DT, 1).deviceTlb());
  }
}

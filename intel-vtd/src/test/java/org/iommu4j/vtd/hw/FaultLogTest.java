package org.iommu4j.vtd.hw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.Register;
import org.junit.jupiter.api.Test;

final class FaultLogTest {
  private final Rig rig = new Rig(Rig.FULL).boot(ContextEntry.absent());
  private final List<Integer> events = new ArrayList<>();

  private void fault(int sourceId) {
    rig.unit.translate(sourceId, 0x1000L * sourceId, Access.READ);
  }

  private void listen() {
    rig.unit.setInterruptSink(
        new InterruptSink() {
          @Override
          public void fromUnit(long address, int data) {
            events.add(data);
          }

          @Override
          public void fromDevice(int sourceId, long address, int data) {}
        });
    rig.unit.write32(Register.FEDATA, 0x41);
    rig.unit.write32(Register.FECTL, 0);
  }

  @Test
  void theRingFillsUpAndThenOverflows() {
    for (int i = 0; i < 8; i++) {
      fault(i);
      assertEquals(i, rig.record(i).sourceId());
    }
    assertEquals(2, rig.faultStatus());
    fault(8);
    assertEquals(3, rig.faultStatus());
    rig.clearRecord(0);
    fault(9);
    assertFalse(rig.record(0).isValid());
    rig.unit.write32(Register.FSTS, 1);
    assertEquals(2, rig.faultStatus());
    fault(9);
    assertEquals(9, rig.record(0).sourceId());
  }

  @Test
  void theIndexNamesTheFirstPendingRecord() {
    fault(0);
    fault(1);
    rig.clearRecord(0);
    rig.clearRecord(1);
    assertEquals(0, rig.faultStatus());
    fault(2);
    assertEquals(2 << 8 | 2, rig.faultStatus());
    assertTrue(rig.record(2).isValid());
  }

  @Test
  void faultsOfOneSourceCollapseWhileOneIsPending() {
    fault(3);
    fault(3);
    assertFalse(rig.record(1).isValid());
    Rig each = new Rig(new HardwareConfig(Rig.FULL, 0x10, 48, 64, 64, false));
    each.boot(ContextEntry.absent());
    each.unit.translate(3, 0, Access.READ);
    each.unit.translate(3, 0, Access.READ);
    assertTrue(each.record(1).isValid());
  }

  @Test
  void oneEventIsSentUntilEveryCauseIsCleared() {
    listen();
    fault(1);
    fault(2);
    assertEquals(List.of(0x41), events);
    rig.clearRecord(0);
    fault(4);
    assertEquals(List.of(0x41), events);
    rig.clearRecord(1);
    rig.clearRecord(2);
    fault(5);
    assertEquals(List.of(0x41, 0x41), events);
  }

  @Test
  void aMaskedEventIsSentWhenTheMaskGoes() {
    listen();
    rig.unit.write32(Register.FECTL, 1 << 31);
    fault(1);
    assertEquals(List.of(), events);
    assertEquals(0xc000_0000, rig.unit.read32(Register.FECTL));
    rig.unit.write32(Register.FECTL, 0);
    assertEquals(List.of(0x41), events);
    assertEquals(0, rig.unit.read32(Register.FECTL));
  }
}

package org.iommu4j.vtd.hw;

import static org.iommu4j.vtd.hw.Rig.DEVICE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.Register;
import org.junit.jupiter.api.Test;

/** A device is faster than the handler of its faults. */
final class BurstTest {
  private static final long IOVA = 0x7000;

  private final Rig rig = new Rig(Rig.QEMU).boot(ContextEntry.absent());
  private final List<String> seen = new ArrayList<>();

  private void handleFaults() {
    rig.unit.setInterruptSink(
        new InterruptSink() {
          @Override
          public void fromUnit(long address, int data) {
            seen.add("interrupt");
            rig.clearRecord(0);
          }

          @Override
          public void fromDevice(int sourceId, long address, int data) {}
        });
    rig.unit.write32(Register.FECTL, 0); // nothing is masked
  }

  private void accessTwice() {
    byte[] bytes = new byte[8];
    rig.requester(DEVICE).read(IOVA, bytes, 0, 8);
    seen.add("first");
    rig.requester(DEVICE).read(IOVA, bytes, 0, 8);
    seen.add("second");
  }

  @Test
  void eachAccessThatIsRefusedInterrupts() {
    handleFaults();
    accessTwice();
    assertEquals(List.of("interrupt", "first", "interrupt", "second"), seen);
  }

  @Test
  void aBurstInterruptsAfterItsLastAccess() {
    handleFaults();
    rig.unit.burst(this::accessTwice);
    assertEquals(List.of("first", "second", "interrupt"), seen);
  }
}

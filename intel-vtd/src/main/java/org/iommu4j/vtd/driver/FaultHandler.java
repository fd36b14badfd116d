package org.iommu4j.vtd.driver;

import java.util.function.Consumer;
import org.iommu4j.vtd.hw.InterruptSink;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.format.FaultRecord;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.FaultStatus;

/**
 * Reads and clears the faults that a unit has recorded, and prints them in the kernel's words.
 *
 * <p>Every fault is printed. The kernel leaves out what is beyond ten lines in five seconds and
 * says later how many that were ({@code dmar_fault: N callbacks suppressed}); which those are
 * depends on the time that nobody but the machine knows.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_fault}.
 */
final class FaultHandler implements InterruptSink {
  private static final long CLEARED =
      FaultStatus.PFO.mask() | FaultStatus.PPF.mask() | 1 << 7; // PRO: page request overflow

  private final RemappingHardware hardware;
  private final FaultForm form;
  private final Consumer<String> log;
  private final Object registerLock;

  FaultHandler(
      RemappingHardware hardware, Object registerLock, FaultForm form, Consumer<String> log) {
    this.form = form;
    this.hardware = hardware;
    this.registerLock = registerLock;
    this.log = log;
  }

  @Override
  public void fromUnit(long address, int data) {
    handle();
  }

  @Override
  public void fromDevice(int sourceId, long address, int data) {}

  /** Handles all that is recorded; called on the unit's interrupt. */
  void handle() {
    synchronized (registerLock) {
      int status = hardware.read32(Register.FSTS);
      if (status != 0) {
        log.accept("DMAR: DRHD: handling fault status reg " + Integer.toHexString(status));
      }
      long bits = Integer.toUnsignedLong(status);
      if (FaultStatus.PPF.isSet(bits)) {
        printRecords((int) FaultStatus.FRI.get(bits));
        hardware.write32(Register.FSTS, (int) CLEARED);
      }
    }
  }

  private void printRecords(int firstIndex) {
    int records = hardware.capabilities().faultRecords();
    for (int index = firstIndex; ; index = index + 1 == records ? 0 : index + 1) {
      int offset = hardware.capabilities().faultRecordOffset() + index * FaultRecord.BYTES;
      FaultRecord fault = new FaultRecord(hardware.read64(offset), hardware.read64(offset + 8));
      if (!fault.isValid()) {
        return;
      }
      hardware.write32(offset + 12, (int) (FaultRecord.F.mask() >>> 32));
      log.accept(form.line(fault));
    }
  }
}

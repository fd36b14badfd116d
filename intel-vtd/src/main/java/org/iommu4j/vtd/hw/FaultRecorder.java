package org.iommu4j.vtd.hw;

import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.FaultRecord;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.FaultStatus;

/**
 * Primary fault logging: the ring of fault-recording registers and the fault status register.
 *
 * <p>Guarded by the unit's lock. Source: VT-d 3.3 section 7.2.1.
 */
final class FaultRecorder {
  private static final BitField[] CAUSES = {
    FaultStatus.PFO, FaultStatus.PPF, FaultStatus.IQE, FaultStatus.ICE, FaultStatus.ITE
  };

  private final RegisterFile registers;
  private final EventSource event;
  private final int firstRecord;
  private final int records;
  private final boolean collapses;
  private int next;

  FaultRecorder(RegisterFile registers, EventSource event, HardwareConfig config) {
    this.registers = registers;
    this.event = event;
    this.firstRecord = config.capabilities().faultRecordOffset();
    this.records = config.capabilities().faultRecords();
    this.collapses = config.collapsesFaults();
  }

  /** Records a fault where there is room for it; returns whether there was. */
  boolean record(FaultReason reason, int sourceId, long iova, boolean read) {
    if (registers.isSet32(Register.FSTS, FaultStatus.PFO) || (collapses && isRecorded(sourceId))) {
      return false;
    }
    if (isValid(next)) {
      raise(FaultStatus.PFO);
      return false;
    }
    FaultRecord fault = FaultRecord.of(reason, sourceId, iova, read);
    registers.set64(offset(next), fault.low());
    registers.set64(offset(next) + 8, fault.high());
    if (!registers.isSet32(Register.FSTS, FaultStatus.PPF)) {
      int status = registers.get32(Register.FSTS);
      registers.set32(Register.FSTS, (int) FaultStatus.FRI.replace(status & 0xffff_ffffL, next));
      raise(FaultStatus.PPF);
    }
    next = next + 1 == records ? 0 : next + 1;
    return true;
  }

  /** Sets a bit of the status and, if it is the first cause of the event, raises that. */
  void raise(BitField status) {
    boolean first = !isPending();
    registers.flag32(Register.FSTS, status, true);
    if (first) {
      event.raise();
    }
  }

  /** Derives the status after software cleared records or status bits. */
  void softwareCleared() {
    boolean pending = false;
    for (int i = 0; i < records && !pending; i++) {
      pending = isValid(i);
    }
    registers.flag32(Register.FSTS, FaultStatus.PPF, pending);
    if (!isPending()) {
      event.withdraw();
    }
  }

  /** Returns whether this is the offset of a record's highest word, which software can clear. */
  boolean isValidWord(int offset) {
    int inRecords = offset - firstRecord;
    return inRecords >= 0 && inRecords < records * FaultRecord.BYTES && (inRecords & 15) == 12;
  }

  private boolean isPending() {
    for (BitField cause : CAUSES) {
      if (registers.isSet32(Register.FSTS, cause)) {
        return true;
      }
    }
    return false;
  }

  private boolean isRecorded(int sourceId) {
    for (int i = 0; i < records; i++) {
      if (isValid(i) && FaultRecord.SID.get(registers.get64(offset(i) + 8)) == sourceId) {
        return true;
      }
    }
    return false;
  }

  private boolean isValid(int index) {
    return FaultRecord.F.isSet(registers.get64(offset(index) + 8));
  }

  private int offset(int index) {
    return firstRecord + index * FaultRecord.BYTES;
  }
}

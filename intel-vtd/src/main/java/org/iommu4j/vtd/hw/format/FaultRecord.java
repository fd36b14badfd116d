package org.iommu4j.vtd.hw.format;

import com.google.errorprone.annotations.Immutable;

/**
 * A fault-recording register: 128 bits.
 *
 * <p>Immutable. Source: VT-d 3.3 section 11.4.14.
 *
 * @param low bits 63:0
 * @param high bits 127:64
 */
@Immutable
public record FaultRecord(long low, long high) {
  /** The size of a register in bytes. */
  public static final int BYTES = 16;

  /** Fault info: the number of the page that was asked for. */
  public static final BitField FI = BitField.bits("FI", 63, 12);

  /** Source identifier. */
  public static final BitField SID = BitField.bits("SID", 79, 64);

  /** PASID present: {@link #PV} is of the request. */
  public static final BitField PP = BitField.bit("PP", 95);

  /** Fault reason. */
  public static final BitField FR = BitField.bits("FR", 103, 96);

  /** PASID value. */
  public static final BitField PV = BitField.bits("PV", 123, 104);

  /** Type: set for a read, clear for a write. */
  public static final BitField T = BitField.bit("T", 126);

  /** Fault: the register holds one. Written as 1 to clear it. */
  public static final BitField F = BitField.bit("F", 127);

  /** Returns the record of a fault. */
  public static FaultRecord of(FaultReason reason, int sourceId, long iova, boolean read) {
    return new FaultRecord(
        iova & FI.mask(), F.of(1) | T.of(read ? 1 : 0) | FR.of(reason.code()) | SID.of(sourceId));
  }

  /** Returns whether the register holds a fault. */
  public boolean isValid() {
    return F.isSet(high);
  }

  /** Returns whether the request was a read. */
  public boolean isRead() {
    return T.isSet(high);
  }

  /** Returns the code of the reason, which {@link FaultReason#ofCode} names. */
  public int reasonCode() {
    return (int) FR.get(high);
  }

  /** Returns the requester's source identifier. */
  public int sourceId() {
    return (int) SID.get(high);
  }

  /** Returns the address of the page that was asked for. */
  public long pageIova() {
    return low & FI.mask();
  }
}

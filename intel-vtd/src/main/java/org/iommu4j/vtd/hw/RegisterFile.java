package org.iommu4j.vtd.hw;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.FaultRecord;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.ContextCommand;
import org.iommu4j.vtd.hw.format.RegisterBits.EventControl;
import org.iommu4j.vtd.hw.format.RegisterBits.FaultStatus;
import org.iommu4j.vtd.hw.format.RegisterBits.InvalidateAddress;
import org.iommu4j.vtd.hw.format.RegisterBits.IotlbCommand;
import org.iommu4j.vtd.hw.format.RegisterBits.ProtectedMemory;
import org.iommu4j.vtd.hw.format.RegisterBits.Queue;

/**
 * The registers' bits: which can be written, which are cleared by writing ones, which read as zero.
 * It gives no bit a meaning; the unit does, after a write.
 *
 * <p>Not thread-safe: the unit's lock guards it. Source: VT-d 3.3 section 11.4.
 */
final class RegisterFile {

  /** Of a protected memory region's limits these bits are hardwired: regions of 2 MiB. */
  static final long REGION_MASK = (2L << 20) - 1;

  private final int[] values;
  private final int[] writable;
  private final int[] clearedByOne;
  private final int[] writeOnly;
  private final int sizeBytes;

  RegisterFile(HardwareConfig config) {
    Capabilities caps = config.capabilities();
    this.sizeBytes = caps.registerBytes();
    this.values = new int[sizeBytes / 4];
    this.writable = new int[sizeBytes / 4];
    this.clearedByOne = new int[sizeBytes / 4];
    this.writeOnly = new int[sizeBytes / 4];
    set32(Register.VER, config.version());
    set64(Register.CAP, caps.cap());
    set64(Register.ECAP, caps.ecap());
    defineCommands(caps);
    defineEvents(caps);
    defineProtectedMemory(caps);
    defineFaults(caps);
    if (caps.queuedInvalidation()) {
      defineQueue(caps);
    }
  }

  private void defineCommands(Capabilities caps) {
    writable32(Register.GCMD, -1);
    writeOnly[Register.GCMD / 4] = -1;
    writable64(Register.RTADDR, -1L << 10);
    writable64(
        Register.CCMD,
        union(
            ContextCommand.DID,
            ContextCommand.SID,
            ContextCommand.FM,
            ContextCommand.CIRG,
            ContextCommand.ICC));
    writeOnly[Register.CCMD / 4] = (int) ContextCommand.SID.mask();
    writeOnly[Register.CCMD / 4 + 1] = (int) (ContextCommand.FM.mask() >>> 32);
    defineIotlbCommand(caps.iotlbOffset());
    if (caps.interruptRemapping()) {
      writable64(
          Register.IRTA, -1L << PAGE_SHIFT | 0xf | (caps.extendedInterruptMode() ? 1 << 11 : 0));
    }
  }

  private void defineIotlbCommand(int invalidate) {
    writable64(
        invalidate, union(InvalidateAddress.AM, InvalidateAddress.IH, InvalidateAddress.ADDR));
    writeOnly[invalidate / 4] = -1;
    writeOnly[invalidate / 4 + 1] = -1;
    writable64(
        invalidate + 8,
        union(
            IotlbCommand.DID,
            IotlbCommand.DW,
            IotlbCommand.DR,
            IotlbCommand.IIRG,
            IotlbCommand.IVT));
  }

  private void defineEvents(Capabilities caps) {
    int upper = caps.extendedInterruptMode() ? -1 : 0;
    int[] controls = {Register.FECTL, Register.IECTL};
    for (int control : controls) {
      if (control == Register.IECTL && !caps.queuedInvalidation()) {
        continue;
      }
      writable32(control, EventControl.IM.mask());
      set32(control, (int) EventControl.IM.mask());
      writable32(control + 4, 0xffff | upper);
      writable32(control + 8, ~3);
      writable32(control + 12, upper);
    }
  }

  private void defineProtectedMemory(Capabilities caps) {
    if (caps.protectedLowMemory() || caps.protectedHighMemory()) {
      writable32(Register.PMEN, ProtectedMemory.EPM.mask());
    }
    if (caps.protectedLowMemory()) {
      writable32(Register.PLMBASE, ~REGION_MASK);
      writable32(Register.PLMLIMIT, ~REGION_MASK);
    }
    if (caps.protectedHighMemory()) {
      writable64(Register.PHMBASE, ~REGION_MASK);
      writable64(Register.PHMLIMIT, ~REGION_MASK);
    }
  }

  private void defineFaults(Capabilities caps) {
    clearedByOne[Register.FSTS / 4] =
        (int) union(FaultStatus.PFO, FaultStatus.IQE, FaultStatus.ICE, FaultStatus.ITE);
    for (int i = 0; i < caps.faultRecords(); i++) {
      int offset = caps.faultRecordOffset() + i * FaultRecord.BYTES;
      clearedByOne[offset / 4 + 3] = (int) (FaultRecord.F.mask() >>> 32);
    }
  }

  private void defineQueue(Capabilities caps) {
    writable64(Register.IQT, Queue.INDEX.mask());
    long width = caps.scalableMode() ? Queue.DW.mask() : 0;
    writable64(Register.IQA, union(Queue.QS, Queue.IQA) | width);
    clearedByOne[Register.ICS / 4] = (int) Queue.IWC.mask();
  }

  private static long union(BitField... fields) {
    long mask = 0;
    for (BitField field : fields) {
      mask |= field.mask();
    }
    return mask;
  }

  private void writable32(int offset, long mask) {
    writable[offset / 4] = (int) mask;
  }

  private void writable64(int offset, long mask) {
    writable[offset / 4] = (int) mask;
    writable[offset / 4 + 1] = (int) (mask >>> 32);
  }

  /** Returns the size of the registers' region, a multiple of 4 KiB. */
  int sizeBytes() {
    return sizeBytes;
  }

  /** Reads as software does. */
  int read32(int offset) {
    return values[offset >> 2] & ~writeOnly[offset >> 2];
  }

  /** Writes as software does. */
  void write32(int offset, int value) {
    int i = offset >> 2;
    int kept = values[i] & ~writable[i];
    values[i] = (kept | (value & writable[i])) & ~(value & clearedByOne[i]);
  }

  int get32(int offset) {
    return values[offset >> 2];
  }

  long get64(int offset) {
    return Integer.toUnsignedLong(get32(offset)) | (long) get32(offset + 4) << 32;
  }

  void set32(int offset, int value) {
    values[offset >> 2] = value;
  }

  void set64(int offset, long value) {
    set32(offset, (int) value);
    set32(offset + 4, (int) (value >>> 32));
  }

  /** Sets or clears the bits of a 32-bit register's field. */
  void flag32(int offset, BitField field, boolean on) {
    int mask = (int) field.mask();
    set32(offset, on ? get32(offset) | mask : get32(offset) & ~mask);
  }

  boolean isSet32(int offset, BitField field) {
    return field.isSet(Integer.toUnsignedLong(get32(offset)));
  }
}

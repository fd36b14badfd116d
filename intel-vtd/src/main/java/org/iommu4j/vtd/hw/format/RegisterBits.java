package org.iommu4j.vtd.hw.format;

/**
 * The fields of the registers that command and report, each under its register's name.
 *
 * <p>Source: VT-d 3.3 section 11.4.
 */
public final class RegisterBits {
  private RegisterBits() {}

  /** Fields of GCMD and, a letter S further, of GSTS: both have them at the same bits. */
  public static final class Global {
    /** Translation enable. */
    public static final BitField TE = BitField.bit("TE", 31);

    /** Set root table pointer. */
    public static final BitField SRTP = BitField.bit("SRTP", 30);

    /** Write buffer flush. */
    public static final BitField WBF = BitField.bit("WBF", 27);

    /** Queued invalidation enable. */
    public static final BitField QIE = BitField.bit("QIE", 26);

    /** Interrupt remapping enable. */
    public static final BitField IRE = BitField.bit("IRE", 25);

    /** Set interrupt remap table pointer. */
    public static final BitField SIRTP = BitField.bit("SIRTP", 24);

    /** Compatibility format interrupt. */
    public static final BitField CFI = BitField.bit("CFI", 23);

    private Global() {}
  }

  /** Fields of RTADDR. */
  public static final class RootTable {
    /** Translation table mode. */
    public static final BitField TTM = BitField.bits("TTM", 11, 10);

    /** The value of {@link #TTM} for scalable mode; that for legacy mode is 0. */
    public static final int SCALABLE = 1;

    /** Root table address, the number of a frame. */
    public static final BitField RTA = BitField.bits("RTA", 63, 12);

    private RootTable() {}
  }

  /** Fields of CCMD. */
  public static final class ContextCommand {
    /** Domain identifier. */
    public static final BitField DID = BitField.bits("DID", 15, 0);

    /** Source identifier. */
    public static final BitField SID = BitField.bits("SID", 31, 16);

    /** Function mask. */
    public static final BitField FM = BitField.bits("FM", 33, 32);

    /** Context actual invalidation granularity. */
    public static final BitField CAIG = BitField.bits("CAIG", 60, 59);

    /** Context invalidation request granularity, one of {@link Granularity}. */
    public static final BitField CIRG = BitField.bits("CIRG", 62, 61);

    /** Invalidate context cache. */
    public static final BitField ICC = BitField.bit("ICC", 63);

    private ContextCommand() {}
  }

  /** Fields of the IOTLB invalidate register, at 16 * ECAP.IRO + 8. */
  public static final class IotlbCommand {
    /** Domain identifier. */
    public static final BitField DID = BitField.bits("DID", 47, 32);

    /** Drain writes. */
    public static final BitField DW = BitField.bit("DW", 48);

    /** Drain reads. */
    public static final BitField DR = BitField.bit("DR", 49);

    /** IOTLB actual invalidation granularity. */
    public static final BitField IAIG = BitField.bits("IAIG", 58, 57);

    /** IOTLB invalidation request granularity, one of {@link Granularity}. */
    public static final BitField IIRG = BitField.bits("IIRG", 61, 60);

    /** Invalidate IOTLB. */
    public static final BitField IVT = BitField.bit("IVT", 63);

    private IotlbCommand() {}
  }

  /** Fields of the invalidate address register, at 16 * ECAP.IRO. */
  public static final class InvalidateAddress {
    /** Address mask: the binary logarithm of the number of pages. */
    public static final BitField AM = BitField.bits("AM", 5, 0);

    /** Invalidation hint: only leaves changed. */
    public static final BitField IH = BitField.bit("IH", 6);

    /** Address, the number of a page. */
    public static final BitField ADDR = BitField.bits("ADDR", 63, 12);

    private InvalidateAddress() {}
  }

  /** Fields of FSTS. */
  public static final class FaultStatus {
    /** Primary fault overflow. */
    public static final BitField PFO = BitField.bit("PFO", 0);

    /** Primary pending fault. */
    public static final BitField PPF = BitField.bit("PPF", 1);

    /** Invalidation queue error. */
    public static final BitField IQE = BitField.bit("IQE", 4);

    /** Invalidation completion error. */
    public static final BitField ICE = BitField.bit("ICE", 5);

    /** Invalidation time-out error. */
    public static final BitField ITE = BitField.bit("ITE", 6);

    /** Fault record index. */
    public static final BitField FRI = BitField.bits("FRI", 15, 8);

    private FaultStatus() {}
  }

  /** Fields of FECTL and of IECTL. */
  public static final class EventControl {
    /** Interrupt pending. */
    public static final BitField IP = BitField.bit("IP", 30);

    /** Interrupt mask. */
    public static final BitField IM = BitField.bit("IM", 31);

    private EventControl() {}
  }

  /** Fields of PMEN. */
  public static final class ProtectedMemory {
    /** Protected region status. */
    public static final BitField PRS = BitField.bit("PRS", 0);

    /** Enable protected memory. */
    public static final BitField EPM = BitField.bit("EPM", 31);

    private ProtectedMemory() {}
  }

  /** Fields of IQA, IQH, IQT, ICS and IQERCD. */
  public static final class Queue {
    /** Queue size: the queue has 2^QS frames. */
    public static final BitField QS = BitField.bits("QS", 2, 0);

    /** Descriptor width: set for 256 bits. */
    public static final BitField DW = BitField.bit("DW", 11);

    /** Invalidation queue address, the number of a frame. */
    public static final BitField IQA = BitField.bits("IQA", 63, 12);

    /** Queue head and queue tail: the number of a 128-bit descriptor, or of half a 256-bit one. */
    public static final BitField INDEX = BitField.bits("QH/QT", 18, 4);

    /** Invalidation wait descriptor complete. */
    public static final BitField IWC = BitField.bit("IWC", 0);

    /** Invalidation queue error info. */
    public static final BitField IQEI = BitField.bits("IQEI", 3, 0);

    private Queue() {}
  }

  /** What an invalidation asks for and what was done, in registers and in descriptors. */
  public static final class Granularity {
    /** Nothing was done, for the request was a wrong one. */
    public static final int NONE = 0;

    /** Everything. */
    public static final int GLOBAL = 1;

    /** What is tagged with a domain. */
    public static final int DOMAIN = 2;

    /** What belongs to a function, or to some pages of a domain. */
    public static final int SELECTIVE = 3;

    private Granularity() {}
  }
}

package org.iommu4j.vtd.hw.format;

/**
 * The registers' offsets in bytes from a remapping unit's base.
 *
 * <p>The fault-recording and the IOTLB registers lie where the capabilities say. Source: VT-d 3.3
 * section 11.4.
 */
public final class Register {
  /** Version, 32 bits. */
  public static final int VER = 0x00;

  /** Capabilities, 64 bits. */
  public static final int CAP = 0x08;

  /** Extended capabilities, 64 bits. */
  public static final int ECAP = 0x10;

  /** Global command, 32 bits, written only. */
  public static final int GCMD = 0x18;

  /** Global status, 32 bits. */
  public static final int GSTS = 0x1c;

  /** Root table address, 64 bits. */
  public static final int RTADDR = 0x20;

  /** Context command, 64 bits. */
  public static final int CCMD = 0x28;

  /** Fault status, 32 bits. */
  public static final int FSTS = 0x34;

  /** Fault event control, 32 bits. */
  public static final int FECTL = 0x38;

  /** Fault event data, 32 bits. */
  public static final int FEDATA = 0x3c;

  /** Fault event address, 32 bits. */
  public static final int FEADDR = 0x40;

  /** Fault event upper address, 32 bits. */
  public static final int FEUADDR = 0x44;

  /** Protected memory enable, 32 bits. */
  public static final int PMEN = 0x64;

  /** Protected low memory base, 32 bits. */
  public static final int PLMBASE = 0x68;

  /** Protected low memory limit, 32 bits. */
  public static final int PLMLIMIT = 0x6c;

  /** Protected high memory base, 64 bits. */
  public static final int PHMBASE = 0x70;

  /** Protected high memory limit, 64 bits. */
  public static final int PHMLIMIT = 0x78;

  /** Invalidation queue head, 64 bits. */
  public static final int IQH = 0x80;

  /** Invalidation queue tail, 64 bits. */
  public static final int IQT = 0x88;

  /** Invalidation queue address, 64 bits. */
  public static final int IQA = 0x90;

  /** Invalidation completion status, 32 bits. */
  public static final int ICS = 0x9c;

  /** Invalidation event control, 32 bits. */
  public static final int IECTL = 0xa0;

  /** Invalidation event data, 32 bits. */
  public static final int IEDATA = 0xa4;

  /** Invalidation event address, 32 bits. */
  public static final int IEADDR = 0xa8;

  /** Invalidation event upper address, 32 bits. */
  public static final int IEUADDR = 0xac;

  /** Invalidation queue error record, 64 bits. */
  public static final int IQERCD = 0xb0;

  /** Interrupt remapping table address, 64 bits. */
  public static final int IRTA = 0xb8;

  private Register() {}
}

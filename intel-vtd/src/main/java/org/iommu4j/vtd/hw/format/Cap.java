package org.iommu4j.vtd.hw.format;

/** The fields of the capability register. Source: VT-d 3.3 section 11.4.2. */
public final class Cap {
  /** Number of domains supported. */
  public static final BitField ND = BitField.bits("ND", 2, 0);

  /** Advanced fault logging. */
  public static final BitField AFL = BitField.bit("AFL", 3);

  /** Required write-buffer flushing. */
  public static final BitField RWBF = BitField.bit("RWBF", 4);

  /** Protected low-memory region. */
  public static final BitField PLMR = BitField.bit("PLMR", 5);

  /** Protected high-memory region. */
  public static final BitField PHMR = BitField.bit("PHMR", 6);

  /** Caching mode. */
  public static final BitField CM = BitField.bit("CM", 7);

  /** Supported adjusted guest address widths. */
  public static final BitField SAGAW = BitField.bits("SAGAW", 12, 8);

  /** Maximum guest address width. */
  public static final BitField MGAW = BitField.bits("MGAW", 21, 16);

  /** Zero-length read. */
  public static final BitField ZLR = BitField.bit("ZLR", 22);

  /** Fault-recording register offset. */
  public static final BitField FRO = BitField.bits("FRO", 33, 24);

  /** Second-level large page support. */
  public static final BitField SLLPS = BitField.bits("SLLPS", 37, 34);

  /** Page-selective invalidation. */
  public static final BitField PSI = BitField.bit("PSI", 39);

  /** Number of fault-recording registers. */
  public static final BitField NFR = BitField.bits("NFR", 47, 40);

  /** Maximum address mask value. */
  public static final BitField MAMV = BitField.bits("MAMV", 53, 48);

  /** Write draining. */
  public static final BitField DWD = BitField.bit("DWD", 54);

  /** Read draining. */
  public static final BitField DRD = BitField.bit("DRD", 55);

  /** First-level 1 GiB page support. */
  public static final BitField FL1GP = BitField.bit("FL1GP", 56);

  /** Posted interrupts support. */
  public static final BitField PI = BitField.bit("PI", 59);

  /** First-level 5-level paging support. */
  public static final BitField FL5LP = BitField.bit("FL5LP", 60);

  /** Enhanced set interrupt remap table pointer support. */
  public static final BitField ESIRTPS = BitField.bit("ESIRTPS", 62);

  /** Enhanced set root table pointer support. */
  public static final BitField ESRTPS = BitField.bit("ESRTPS", 63);

  private Cap() {}
}

package org.iommu4j.vtd.hw.format;

/** The fields of the extended capability register. Source: VT-d 3.3 section 11.4.3. */
public final class Ecap {
  /** Page-walk coherency. */
  public static final BitField C = BitField.bit("C", 0);

  /** Queued invalidation support. */
  public static final BitField QI = BitField.bit("QI", 1);

  /** Device-TLB support. */
  public static final BitField DT = BitField.bit("DT", 2);

  /** Interrupt remapping support. */
  public static final BitField IR = BitField.bit("IR", 3);

  /** Extended interrupt mode. */
  public static final BitField EIM = BitField.bit("EIM", 4);

  /** Pass through. */
  public static final BitField PT = BitField.bit("PT", 6);

  /** Snoop control. */
  public static final BitField SC = BitField.bit("SC", 7);

  /** IOTLB register offset. */
  public static final BitField IRO = BitField.bits("IRO", 17, 8);

  /** Maximum handle mask value. */
  public static final BitField MHMV = BitField.bits("MHMV", 23, 20);

  /** Memory type support. */
  public static final BitField MTS = BitField.bit("MTS", 25);

  /** Nested translation support. */
  public static final BitField NEST = BitField.bit("NEST", 26);

  /** Page request support. */
  public static final BitField PRS = BitField.bit("PRS", 29);

  /** Execute request support. */
  public static final BitField ERS = BitField.bit("ERS", 30);

  /** Supervisor request support. */
  public static final BitField SRS = BitField.bit("SRS", 31);

  /** No write flag support. */
  public static final BitField NWFS = BitField.bit("NWFS", 33);

  /** Extended accessed flag support. */
  public static final BitField EAFS = BitField.bit("EAFS", 34);

  /** PASID size supported. */
  public static final BitField PSS = BitField.bits("PSS", 39, 35);

  /** Process address space id support. */
  public static final BitField PASID = BitField.bit("PASID", 40);

  /** Device-TLB invalidation throttle. */
  public static final BitField DIT = BitField.bit("DIT", 41);

  /** Page-request drain support. */
  public static final BitField PDS = BitField.bit("PDS", 42);

  /** Scalable mode translation support. */
  public static final BitField SMTS = BitField.bit("SMTS", 43);

  /** Virtual command support. */
  public static final BitField VCS = BitField.bit("VCS", 44);

  /** Second-level accessed/dirty support. */
  public static final BitField SLADS = BitField.bit("SLADS", 45);

  /** Second-level translation support. */
  public static final BitField SLTS = BitField.bit("SLTS", 46);

  /** First-level translation support. */
  public static final BitField FLTS = BitField.bit("FLTS", 47);

  /** Scalable-mode page-walk coherency support. */
  public static final BitField SMPWCS = BitField.bit("SMPWCS", 48);

  /** RID_PASID support. */
  public static final BitField RPS = BitField.bit("RPS", 49);

  private Ecap() {}
}

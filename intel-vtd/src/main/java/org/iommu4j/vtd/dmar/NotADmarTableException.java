package org.iommu4j.vtd.dmar;

/** Bytes that cannot be taken for a DMAR table at all. */
public final class NotADmarTableException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String origin;
  private final int offset;
  private final String rule;

  NotADmarTableException(String origin, int offset, String rule, String detail) {
    super(origin + " at byte " + offset + ": " + rule + ": " + detail);
    this.origin = origin;
    this.offset = offset;
    this.rule = rule;
  }

  /** Returns the file that the bytes came from. */
  public String origin() {
    return origin;
  }

  /** Returns the offset at which it shows. */
  public int offset() {
    return offset;
  }

  /** Returns the rule that is broken. */
  public String rule() {
    return rule;
  }
}

package org.iommu4j.vtd.dmar;

import com.google.errorprone.annotations.Immutable;

/**
 * Something that is wrong with a table, and what Linux 5.10 makes of it.
 *
 * @param offset where, in bytes from the start of the table
 * @param rule a short stable name of the rule that is broken, such as {@code structure-too-short}
 * @param severity how much it matters
 * @param detail what is there and what ought to be
 * @param kernelVerdict what the kernel does about it
 */
@Immutable
public record DmarProblem(
    int offset, String rule, Severity severity, String detail, String kernelVerdict) {

  /** How much a problem matters. */
  public enum Severity {
    /** The kernel passes over it. */
    NOTE,
    /** The kernel complains, or part of the table is lost. */
    WARNING,
    /** The kernel gives up on the table, or on booting. */
    ERROR
  }

  @Override
  public String toString() {
    return String.format("0x%04x %s: %s [%s]", offset, rule, detail, kernelVerdict);
  }
}

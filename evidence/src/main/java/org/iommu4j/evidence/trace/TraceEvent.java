package org.iommu4j.evidence.trace;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import com.google.errorprone.annotations.Immutable;

/**
 * One event of a trace that tells of DMA mappings. Immutable.
 *
 * @param line the number of its line
 * @param text its name and what it printed, as recorded
 * @param cpu the CPU that it happened on
 * @param idle whether that had nothing else to do
 * @param context what the CPU was at
 * @param nanos when it happened, or {@link #NO_TIME}
 * @param kind which event it is
 * @param device the device's name, empty if it names none
 * @param address the I/O address, 0 if it has none
 * @param phys the physical address, 0 if it has none
 * @param sizeBytes the size, 0 if it has none
 * @param index the number of the group, or of the piece of a list, from 1 on
 * @param total the number of the list's pieces
 */
@Immutable
record TraceEvent(
    int line,
    String text,
    int cpu,
    boolean idle,
    TraceContext context,
    long nanos,
    EventKind kind,
    String device,
    long address,
    long phys,
    long sizeBytes,
    int index,
    int total) {
  /** The time of an event whose trace has another clock than seconds. */
  static final long NO_TIME = -1;

  /**
   * Returns whether this can have happened before another event, though it was written later: on
   * another CPU, or if the other one's interrupt came before this was written.
   */
  boolean mayPrecede(TraceEvent earlier) {
    return cpu != earlier.cpu || context.compareTo(earlier.context) < 0;
  }

  /** Returns whether this is about a piece of a list, but not about the first. */
  boolean isLaterPiece() {
    return kind.isOfPieces() && index > 1;
  }

  /** Returns the number of the I/O page that the address lies in. */
  long pfn() {
    return address >>> PAGE_SHIFT;
  }
}

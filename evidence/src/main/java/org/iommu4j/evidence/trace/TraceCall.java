package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * One call of the DMA API that a trace shows, with the events that it left. Immutable.
 *
 * @param type which call it is
 * @param events the pieces of a list in their order, else the one event
 */
@Immutable
record TraceCall(Type type, ImmutableList<TraceEvent> events) {
  /** Which call it is. */
  enum Type {
    /** A device or a domain, as a rule during boot. */
    DOMAIN,
    /** A buffer is mapped. */
    MAP,
    /** A list is mapped. */
    MAP_LIST,
    /** Something is unmapped. */
    UNMAP,
    /** A second event about a call that an earlier one has told of. */
    ECHO,
    /** The pieces of a list of which not all are there. */
    INCOMPLETE
  }

  static TraceCall of(Type type, TraceEvent event) {
    return new TraceCall(type, ImmutableList.of(event));
  }

  TraceEvent first() {
    return events.get(0);
  }

  String device() {
    return first().device();
  }

  /** Returns whether the call takes or gives back I/O addresses. */
  boolean touchesAddresses() {
    return type == Type.MAP || type == Type.MAP_LIST || type == Type.UNMAP;
  }

  boolean isMap() {
    return type == Type.MAP || type == Type.MAP_LIST;
  }
}

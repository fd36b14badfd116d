package org.iommu4j.iova;

/**
 * A call of the allocator, made on the real one or on the naive one.
 *
 * @param kind what is called
 * @param cpu the model CPU it is made on
 * @param slot where an allocation's answer is kept, or which answer is freed
 * @param sizePages the size asked for
 * @param limitPfn the limit of an allocation, or the start of a reservation
 * @param flag whether to align, or whether to flush the caches
 */
record IovaCall(Kind kind, int cpu, int slot, long sizePages, long limitPfn, boolean flag) {
  enum Kind {
    ALLOC,
    ALLOC_FAST,
    FREE,
    FREE_FAST,
    FREE_INSIDE,
    RESERVE,
    DRAIN,
    AGE
  }

  /** Whether the call frees what its slot holds. */
  boolean frees() {
    return kind == Kind.FREE || kind == Kind.FREE_FAST || kind == Kind.FREE_INSIDE;
  }
}

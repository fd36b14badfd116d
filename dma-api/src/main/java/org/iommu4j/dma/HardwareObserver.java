package org.iommu4j.dma;

/**
 * Sees what the hardware does that stands between devices and memory: what software makes it
 * forget, the tables that it walks, the faults that it reports, and the accesses of devices. Its
 * words are those of no vendor. A requester is 16 bits of bus, device and function; a domain is the
 * tag that the hardware keeps translations under.
 *
 * <p>Of one unit everything but accesses is told in the order in which it happens, with the unit's
 * lock held; an access is told by the thread that makes it, after its last byte. Implementations
 * must be thread-safe, must not touch a unit, a device or the DMA API, and must not allocate if
 * cached accesses are to allocate nothing. Every method does nothing unless it is overridden.
 */
public interface HardwareObserver {
  /** Sees nothing. */
  HardwareObserver NONE = new HardwareObserver() {};

  /** How much of a cache is forgotten. */
  enum Scope {
    /** All of it. */
    ALL,
    /** What is tagged with a domain. */
    DOMAIN,
    /** Within a domain, what belongs to some requesters or some addresses. */
    PART
  }

  /** Returns an observer of accesses and units that tells the flight recorder. */
  static HardwareObserver flightRecorder() {
    return HardwareRecorder.WITHOUT_UNIT;
  }

  /**
   * Returns who sees what a unit does; called once for each unit, when it is made.
   *
   * @param registersPhys where the unit's registers are, by which firmware names it
   */
  default HardwareObserver unit(long registersPhys) {
    return this;
  }

  /**
   * Entries that say how a requester is translated were forgotten.
   *
   * @param domain the domain's tag; means nothing in the scope of {@link Scope#ALL}
   * @param requester means something in the scope of {@link Scope#PART} only
   */
  default void requestersInvalidated(Scope scope, int domain, int requester) {}

  /**
   * Translations were forgotten.
   *
   * @param domain the domain's tag; means nothing in the scope of {@link Scope#ALL}
   * @param iova the first address; it and the size mean something in the scope of {@link
   *     Scope#PART} only
   * @param sizeBytes how many bytes, a power of two; 0 for all 2^64
   */
  default void translationsInvalidated(Scope scope, int domain, long iova, long sizeBytes) {}

  /**
   * A device was asked to forget translations.
   *
   * @param iova the first address
   * @param sizeBytes how many bytes, a power of two; 0 for all 2^64
   * @param answered whether the device did so; if not, the unit's next wait times out
   */
  default void deviceTlbInvalidated(int requester, long iova, long sizeBytes, boolean answered) {}

  /** The unit told software that the invalidations that it had queued are done. */
  default void invalidationsDone() {}

  /**
   * The entry was read in memory that says how a requester is translated.
   *
   * @param found whether there is a valid one
   */
  default void requesterLookedUp(int requester, boolean found) {}

  /**
   * Page tables were walked.
   *
   * @param entries how many entries were read
   * @param phys what the address translates to, or -1 if it has no translation that grants what was
   *     asked for
   */
  default void walked(int requester, long iova, int entries, long phys) {}

  /**
   * A request was refused, and software is to know.
   *
   * @param write whether it was one to write
   * @param reason the name of what the specification gives as the reason
   * @param recorded whether there was room for it in the unit's registers or log
   */
  default void faulted(int requester, long iova, boolean write, String reason, boolean recorded) {}

  /**
   * A device accessed memory: bytes of one page, or any number where nothing translates. A write to
   * the interrupt window is an interrupt and no access.
   *
   * @param write whether it wrote
   * @param phys where the access went, or -1 if it was refused
   */
  default void accessed(int requester, long iova, int sizeBytes, boolean write, long phys) {}

  /** Returns this observer and another as one; this one is told first. */
  default HardwareObserver and(HardwareObserver other) {
    if (this == NONE || other == NONE) {
      return this == NONE ? other : this;
    }
    return new HardwareObserverPair(this, other);
  }
}

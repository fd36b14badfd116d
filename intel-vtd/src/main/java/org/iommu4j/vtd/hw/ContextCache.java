package org.iommu4j.vtd.hw;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The context cache: one function a slot, found by its source id.
 *
 * <p>Lookups take no lock. Whoever changes the cache holds the unit's lock. Source: VT-d 3.3
 * section 6.2.2.
 */
final class ContextCache {
  private static final VarHandle ENTRIES =
      MethodHandles.arrayElementVarHandle(CachedContext[].class);

  private final @Nullable CachedContext[] entries;

  /** Makes an empty cache of this many entries, a power of two. */
  ContextCache(int capacity) {
    if (capacity < 1 || Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("a context cache cannot have " + capacity + " entries");
    }
    this.entries = new @Nullable CachedContext[capacity];
  }

  @Nullable CachedContext find(int sourceId) {
    CachedContext found =
        (CachedContext) ENTRIES.getAcquire(entries, sourceId & (entries.length - 1));
    return found != null && found.sourceId == sourceId ? found : null;
  }

  void insert(CachedContext context) {
    ENTRIES.setRelease(entries, context.sourceId & (entries.length - 1), context);
  }

  /** Forgets everything. */
  void invalidateAll() {
    for (int i = 0; i < entries.length; i++) {
      ENTRIES.setRelease(entries, i, (CachedContext) null);
    }
  }

  /** Forgets what is tagged with a domain. */
  void invalidateDomain(int domainId) {
    invalidate(domainId, 0, 0);
  }

  /**
   * Forgets what is tagged with a domain and belongs to a function.
   *
   * @param functionMask how many of the function number's upper bits do not count, 0 to 3
   */
  void invalidateDevice(int domainId, int sourceId, int functionMask) {
    int ignored = 7 & ~(7 >> functionMask);
    invalidate(domainId, sourceId, 0xffff & ~ignored);
  }

  private void invalidate(int domainId, int sourceId, int mask) {
    for (int i = 0; i < entries.length; i++) {
      CachedContext context = entries[i];
      if (context != null
          && context.domainId == domainId
          && ((context.sourceId ^ sourceId) & mask) == 0) {
        ENTRIES.setRelease(entries, i, (CachedContext) null);
      }
    }
  }
}

package org.iommu4j.vtd.hw;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.iommu4j.base.Pages;
import org.jspecify.annotations.Nullable;

/**
 * The functions behind a unit that have the Address Translation Service (ATS) on, each with its
 * cache: a translation that one holds stays in use until the unit passes an invalidation on.
 *
 * <p>Thread-safe. Source: PCI Express Base Specification 5.0, chapter 10.
 */
public final class AtsFunctions implements DeviceTlb {
  /** None at all; nobody turns one on. */
  static final AtsFunctions NONE = new AtsFunctions();

  private static final int CAPACITY = 1024;

  private final Map<Integer, Map<Long, AtsCompletion>> cacheBySource = new ConcurrentHashMap<>();

  /** Turns a function's service on, with an empty cache. */
  public void enable(int sourceId) {
    cacheBySource.put(sourceId, new ConcurrentHashMap<>());
  }

  /** Turns a function's service off; its cache is forgotten. */
  public void disable(int sourceId) {
    cacheBySource.remove(sourceId);
  }

  /** Returns whether a function's service is on. */
  public boolean isEnabled(int sourceId) {
    return cacheBySource.containsKey(sourceId);
  }

  @Override
  public boolean invalidate(int sourceId, long startIova, long lengthBytes) {
    Map<Long, AtsCompletion> cache = cacheBySource.get(sourceId);
    if (cache != null) {
      long first = startIova >>> PAGE_SHIFT;
      long pages = lengthBytes >>> PAGE_SHIFT;
      cache.keySet().removeIf(page -> lengthBytes == 0 || (page >= first && page - first < pages));
    }
    return true;
  }

  /**
   * Translates as the function itself does: by its cache, and on a miss by asking the unit.
   *
   * @return the physical address, or -1 if the function has to send the address as it is: its
   *     service is off, or the unit does not grant the access
   */
  long translate(RemappingHardware unit, int sourceId, long iova, Access access) {
    Map<Long, AtsCompletion> cache = cacheBySource.get(sourceId);
    if (cache == null) {
      return -1;
    }
    AtsCompletion held = cache.get(iova >>> PAGE_SHIFT);
    if (held == null || !grants(held, access)) {
      held = ask(unit, sourceId, iova, access, cache);
    }
    return held == null ? -1 : held.phys() | (iova & OFFSET_MASK);
  }

  private static @Nullable AtsCompletion ask(
      RemappingHardware unit,
      int sourceId,
      long iova,
      Access access,
      Map<Long, AtsCompletion> cache) {
    long pageIova = Pages.alignDown(iova);
    AtsCompletion granted = unit.translationRequest(sourceId, pageIova);
    if (!grants(granted, access)) {
      return null;
    }
    if (cache.size() >= CAPACITY) {
      cache.clear();
    }
    cache.put(iova >>> PAGE_SHIFT, granted);
    return granted;
  }

  private static boolean grants(AtsCompletion completion, Access access) {
    return access == Access.READ ? completion.readable() : completion.writable();
  }
}

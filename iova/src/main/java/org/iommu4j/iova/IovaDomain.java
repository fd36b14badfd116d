package org.iommu4j.iova;

import static com.google.common.base.Preconditions.checkArgument;
import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.trace.KernelCall.begun;

import com.google.common.annotations.VisibleForTesting;
import com.google.common.collect.ImmutableList;
import org.iommu4j.base.Timers;
import org.jspecify.annotations.Nullable;

/**
 * The I/O address space of a domain: hands out ranges of page frames, at the addresses at which
 * Linux does by the {@link IovaRules} of a release.
 *
 * <p>All page frame numbers (pfns) are unsigned and count granules. {@link #allocFast} and {@link
 * #freeFast} are the usual way: they go through the caches of the calling thread's <em>model
 * CPU</em>, which hold freed ranges of 1, 2, 4, 8, 16 and 32 pages for reuse, still in the tree.
 * {@link #alloc} and {@link #free} go to the tree itself. In the steady state nothing here
 * allocates memory.
 *
 * <p>Sizes for the fast calls should be powers of two, which is the caller's business as in the
 * kernel: a cache knows a range by the power of two that was given when it was freed, and hands it
 * out again as that.
 *
 * <p>Thread-safe. The caches of different CPUs share no lock and no cache line, so a CPU index
 * should be in use by one thread at a time for speed; nothing breaks otherwise. Locks are taken in
 * this order: flush queue ring, CPU cache, depot, tree.
 *
 * <p>Source: {@code drivers/iommu/iova.c}, {@code include/linux/iova.h:struct iova_domain}.
 */
public final class IovaDomain {
  /** The answer of {@link #alloc} if there is no room: no page frame. */
  public static final long NO_PFN = IovaRanges.NO_PFN;

  /** How many orders of sizes the caches keep: {@code IOVA_RANGE_CACHE_MAX_SIZE}. */
  static final int CACHED_ORDERS = 6;

  private final long granuleBytes;
  private final long startPfn;
  private final int cpus;
  private final IovaRanges ranges;
  private final Depots depots;

  /** By CPU, then by order. */
  private final CpuRcache[] caches;

  /** Makes an empty address space as the other constructor does, by rules that need no time. */
  public IovaDomain(IovaRules rules, long granuleBytes, long startPfn, int cpus) {
    this(rules, granuleBytes, startPfn, cpus, null);
  }

  /**
   * Makes an empty address space.
   *
   * <p>Source: {@code drivers/iommu/iova.c:init_iova_domain}, {@code iova_domain_init_rcaches}.
   *
   * @param rules what the release does; kept
   * @param granuleBytes the bytes of an I/O page frame, a power of two of at most 4096
   * @param startPfn the lowest page frame that may be handed out
   * @param cpus the number of model CPUs, at least 1; their indices start at 0
   * @param timers where time comes from; may be null if nothing ages by the rules
   */
  public IovaDomain(
      IovaRules rules, long granuleBytes, long startPfn, int cpus, @Nullable Timers timers) {
    checkArgument(
        Long.bitCount(granuleBytes) == 1 && granuleBytes > 0 && granuleBytes <= PAGE_BYTES,
        "granule of 0x%s bytes is not a power of two within a page",
        Long.toHexString(granuleBytes));
    checkArgument(cpus > 0, "a domain for %s CPUs", cpus);
    this.granuleBytes = granuleBytes;
    this.startPfn = startPfn;
    this.cpus = cpus;
    long lowEndPfn = 1L << (Integer.SIZE - shift());
    ranges = new IovaRanges(startPfn, lowEndPfn, rules.gapSearch());
    depots = new Depots(rules, ranges, CACHED_ORDERS, cpus, timers);
    caches = new CpuRcache[cpus * CACHED_ORDERS];
    for (int i = 0; i < caches.length; i++) {
      caches[i] = depots.newCache(i / CACHED_ORDERS, i % CACHED_ORDERS, lowEndPfn);
    }
  }

  /**
   * Stops what time would do to the domain; nothing may be freed into it from here on.
   *
   * <p>Source: {@code drivers/iommu/iova.c:put_iova_domain}.
   */
  public void close() {
    depots.close();
  }

  /** Returns the bytes of an I/O page frame. */
  public long granuleBytes() {
    return granuleBytes;
  }

  /** Returns the lowest page frame that may be handed out. */
  public long startPfn() {
    return startPfn;
  }

  /** Returns the number of model CPUs. */
  public int cpus() {
    return cpus;
  }

  /** Returns the number of bits by which a page frame number is shifted to make an address. */
  public int shift() {
    return Long.numberOfTrailingZeros(granuleBytes);
  }

  /**
   * Allocates a range, from this CPU's cache if that has one; returns its first page frame, or 0 if
   * there is no room.
   *
   * <p>The range is aligned to the power of two that it fits in. If there is no room and {@code
   * flushCaches} is set, the caches of all CPUs go back to the tree, the depot too if the rules say
   * so, and it is tried once more.
   *
   * <p>As in the kernel a size above {@code limitPfn + 1} may be answered from the cache by a range
   * above the limit.
   *
   * <p>Source: {@code drivers/iommu/iova.c:alloc_iova_fast}.
   *
   * @param cpu the calling thread's model CPU
   * @param sizePages 1 to 2^63 - 1, a power of two
   * @param limitPfn the highest page frame that the range may hold
   * @param flushCaches whether to empty the caches rather than fail
   * @throws IllegalArgumentException if the size is out of its range
   * @throws IndexOutOfBoundsException if there is no such CPU
   */
  public long allocFast(int cpu, long sizePages, long limitPfn, boolean flushCaches) {
    IovaCalls.AllocFast call = begun(IovaCalls.AllocFast.OFF);
    int order = Pfns.orderOf(sizePages);
    long pfn = 0;
    if (order < CACHED_ORDERS && sizePages != 0) {
      pfn = caches[cpu * CACHED_ORDERS + order].pop(limitPfn + 1 - sizePages);
    }
    if (pfn == 0) {
      pfn = allocSlow(sizePages, limitPfn, flushCaches);
    }
    call.done(sizePages, limitPfn, flushCaches, pfn);
    return pfn;
  }

  private long allocSlow(long sizePages, long limitPfn, boolean flushCaches) {
    long pfn = alloc(sizePages, limitPfn, true);
    if (pfn == NO_PFN && flushCaches) {
      for (int cpu = 0; cpu < cpus; cpu++) {
        freeCpuCached(cpu);
      }
      depots.flush();
      pfn = alloc(sizePages, limitPfn, true);
    }
    return pfn == NO_PFN ? 0 : pfn;
  }

  /**
   * Gives a range back for reuse by this CPU; the tree keeps it until it leaves the cache.
   *
   * <p>The size decides into which cache the range goes, whatever its size was when it was
   * allocated. Ranges of more than 32 pages leave the tree at once. Nothing is checked: a page
   * frame that is not allocated will be handed out all the same.
   *
   * <p>Source: {@code drivers/iommu/iova.c:free_iova_fast}.
   *
   * @param cpu the calling thread's model CPU
   * @param pfn the first page frame, as allocated
   * @param sizePages the number of pages, unsigned
   * @throws IndexOutOfBoundsException if there is no such CPU
   */
  public void freeFast(int cpu, long pfn, long sizePages) {
    IovaCalls.FreeFast call = begun(IovaCalls.FreeFast.OFF);
    int order = Pfns.orderOf(sizePages);
    if (order < CACHED_ORDERS) {
      caches[cpu * CACHED_ORDERS + order].push(pfn);
    } else {
      ranges.free(pfn);
    }
    call.done(pfn, sizePages);
  }

  /**
   * Allocates a range in the tree; returns its first page frame, or {@link #NO_PFN} if there is no
   * room where the kernel would look for it.
   *
   * <p>Where that is the release's {@link GapSearch} says.
   *
   * <p>Source: {@code drivers/iommu/iova.c:alloc_iova}.
   *
   * @param sizePages 1 to 2^63 - 1
   * @param limitPfn the highest page frame that the range may hold
   * @param sizeAligned whether the range must be aligned to the power of two that it fits in
   * @throws IllegalArgumentException if the size is out of its range
   */
  public long alloc(long sizePages, long limitPfn, boolean sizeAligned) {
    if (sizePages <= 0) {
      throw new IllegalArgumentException(
          "size of " + Pfns.hex(sizePages) + " pages is not within 1 to 2^63-1");
    }
    IovaCalls.Alloc call = begun(IovaCalls.Alloc.OFF);
    long pfn = ranges.alloc(sizePages, limitPfn, sizeAligned);
    call.done(sizePages, limitPfn, sizeAligned, pfn);
    return pfn;
  }

  /**
   * Frees the whole range that holds a page frame; returns whether there was one.
   *
   * <p>Source: {@code drivers/iommu/iova.c:free_iova}.
   *
   * @throws IllegalArgumentException if the page frame is the anchor above all addresses
   */
  public boolean free(long pfn) {
    return ranges.free(pfn);
  }

  /**
   * Returns the range in the tree that holds a page frame, or null if there is none.
   *
   * <p>Source: {@code drivers/iommu/iova.c:find_iova}.
   */
  public @Nullable IovaRange find(long pfn) {
    return ranges.find(pfn);
  }

  /**
   * Takes page frames out of use, whether or not some already are; returns the range that now holds
   * the last of them, or null if they lie beyond the address space.
   *
   * <p>Ranges in the way grow downwards and swallow the gaps between them; the rest above the last
   * becomes a range of its own.
   *
   * <p>Source: {@code drivers/iommu/iova.c:reserve_iova}.
   *
   * @param loPfn the lowest page frame
   * @param hiPfn the highest page frame, at least {@code loPfn}
   * @throws IllegalArgumentException if the range is upside down
   */
  public @Nullable IovaRange reserve(long loPfn, long hiPfn) {
    if (Pfns.below(-1L >>> shift(), loPfn | hiPfn)) {
      return null;
    }
    IovaRange asked = new IovaRange(loPfn, hiPfn);
    return ranges.reserve(asked.loPfn(), asked.hiPfn());
  }

  /**
   * Reserves in this domain every range that another holds, allocated ones included.
   *
   * <p>The other domain's ranges are read at one moment; no two domains' locks are held together.
   *
   * <p>Source: {@code drivers/iommu/iova.c:copy_reserved_iova}.
   */
  public void copyReservedFrom(IovaDomain from) {
    for (IovaRange range : from.ranges()) {
      reserve(range.loPfn(), range.hiPfn());
    }
  }

  /**
   * Gives the ranges that a CPU has cached back to the tree, as when the CPU goes offline. Ranges
   * in the depot that all CPUs share stay there.
   *
   * <p>Source: {@code drivers/iommu/iova.c:free_cpu_cached_iovas}.
   *
   * @throws IndexOutOfBoundsException if there is no such CPU
   */
  public void freeCpuCached(int cpu) {
    for (int order = 0; order < CACHED_ORDERS; order++) {
      caches[cpu * CACHED_ORDERS + order].drain();
    }
  }

  /** Returns all ranges in the tree, cached and reserved ones included, from the lowest on. */
  public ImmutableList<IovaRange> ranges() {
    return ranges.snapshot();
  }

  /** Returns the bytes of heap that the tree's ranges take, free room of its arrays included. */
  public long rangesHeapBytes() {
    return ranges.heapBytes();
  }

  /** Throws {@link AssertionError} if the address space contradicts itself. */
  public void checkInvariants() {
    ranges.checkInvariants();
  }

  @VisibleForTesting
  IovaRanges tree() {
    return ranges;
  }
}

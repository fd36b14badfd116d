package org.iommu4j.iova;

import static org.iommu4j.base.trace.KernelCall.begun;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.iommu4j.base.Timers;

/**
 * Ranges that are unmapped but may still be in a translation cache of the hardware: they are freed
 * only after a flush, and one flush serves many.
 *
 * <p>Each model CPU has a ring. A range leaves it once a flush that began after it was queued has
 * finished, on whichever CPU that was. Flushes happen when a ring is full, and 10 ms after a range
 * was queued while no timer ran.
 *
 * <p>Thread-safe. The flush and the destructor run with a ring locked and must not queue anything.
 *
 * <p>Source: {@code drivers/iommu/iova.c:init_iova_flush_queue}, {@code queue_iova}.
 */
public final class IovaFlushQueue implements AutoCloseable {
  /** The time from the first queued range to the flush. */
  public static final long TIMEOUT_MILLIS = 10;

  private final IovaDomain domain;
  private final Runnable flush;
  private final LongConsumer entryDestructor;
  private final FlushRing[] rings;
  private final Timers.Timer timer;
  private final AtomicLong flushesBegun = new AtomicLong();
  private final AtomicLong flushesDone = new AtomicLong();
  private final AtomicBoolean timerOn = new AtomicBoolean();

  /**
   * Makes a queue in front of a domain.
   *
   * @param domain where flushed ranges are freed
   * @param timers where time comes from
   * @param flush empties the hardware's translation caches for the domain
   * @param entryDestructor gets the data of each range, just before the range is freed
   */
  public IovaFlushQueue(
      IovaDomain domain, Timers timers, Runnable flush, LongConsumer entryDestructor) {
    this.domain = domain;
    this.flush = flush;
    this.entryDestructor = entryDestructor;
    rings = new FlushRing[domain.cpus()];
    for (int cpu = 0; cpu < rings.length; cpu++) {
      rings[cpu] = new FlushRing();
    }
    timer = timers.newTimer(this::timeout);
  }

  /**
   * Queues a range that was unmapped; frees those of this CPU that have been flushed meanwhile, and
   * flushes now if the ring is full nevertheless.
   *
   * <p>Source: {@code drivers/iommu/iova.c:queue_iova}.
   *
   * @param cpu the calling thread's model CPU
   * @param pfn the first page frame, as allocated
   * @param sizePages the size to free it with, as for {@link IovaDomain#freeFast}
   * @param data what to pass to the destructor, such as the address of a list of table pages
   * @throws IndexOutOfBoundsException if there is no such CPU
   */
  public void queue(int cpu, long pfn, long sizePages, long data) {
    IovaCalls.Queue call = begun(IovaCalls.Queue.OFF);
    FlushRing ring = rings[cpu];
    ring.lock.lock();
    try {
      ring.release(domain, cpu, flushesDone.get(), entryDestructor);
      // One flush suffices but for the race with another CPU's that has begun and not finished.
      while (ring.isFull()) {
        flush();
        ring.release(domain, cpu, flushesDone.get(), entryDestructor);
      }
      ring.add(pfn, sizePages, data, flushesBegun.get());
    } finally {
      ring.lock.unlock();
    }
    // The plain read first: on the usual path the line stays shared between the CPUs.
    if (!timerOn.get() && timerOn.compareAndSet(false, true)) {
      timer.arm(cpu, TIMEOUT_MILLIS);
    }
    call.done(pfn, sizePages);
  }

  /** Source: {@code drivers/iommu/iova.c:iova_domain_flush}. */
  private void flush() {
    IovaCalls.DomainFlush call = begun(IovaCalls.DomainFlush.OFF);
    flushesBegun.incrementAndGet();
    flush.run();
    flushesDone.incrementAndGet();
    call.done();
  }

  /**
   * Flushes and frees what waits in all rings, into the caches of the CPU that the timer runs on.
   *
   * <p>Source: {@code drivers/iommu/iova.c:fq_flush_timeout}.
   */
  private void timeout(int cpu) {
    IovaCalls.FlushTimeout call = begun(IovaCalls.FlushTimeout.OFF);
    timerOn.set(false);
    flush();
    for (FlushRing ring : rings) {
      ring.lock.lock();
      try {
        ring.release(domain, cpu, flushesDone.get(), entryDestructor);
      } finally {
        ring.lock.unlock();
      }
    }
    call.done();
  }

  /**
   * Stops the timer and passes the data of all waiting entries to the destructor. Their ranges are
   * not freed: the domain is about to go.
   *
   * <p>Nothing may be queued from here on.
   *
   * <p>Source: {@code drivers/iommu/iova.c:free_iova_flush_queue}.
   */
  @Override
  public void close() {
    timer.cancel();
    for (FlushRing ring : rings) {
      ring.lock.lock();
      try {
        ring.forEachData(entryDestructor);
      } finally {
        ring.lock.unlock();
      }
    }
  }
}

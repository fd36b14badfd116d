package org.iommu4j.base;

import static com.google.common.base.Preconditions.checkArgument;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * The model CPUs of one system, and which of them a thread runs on. A thread that was never bound
 * runs on CPU 0; where it runs in one system says nothing about another.
 *
 * <p>Every mapping asks for it, and more than once. A small table therefore keeps where the last
 * threads that asked are; it takes half the loads of a {@link ThreadLocal}, which is asked for the
 * others. Where there is one CPU only, neither is looked at.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code include/linux/smp.h:smp_processor_id}.
 */
public final class ModelCpus {
  private static final VarHandle PLACES = MethodHandles.arrayElementVarHandle(Place[].class);
  private static final int RECENT = 64;

  private final int count;
  private final @Nullable Place[] last;
  private final ThreadLocal<Place> places =
      ThreadLocal.withInitial(() -> new Place(Thread.currentThread()));

  /** Where a thread runs; only the thread itself reads or writes the CPU. */
  private static final class Place extends WeakReference<Thread> {
    private int cpu;

    Place(Thread thread) {
      super(thread);
    }
  }

  /**
   * Makes the CPUs of a system.
   *
   * @param count how many there are, at least 1; their indices start at 0
   */
  public ModelCpus(int count) {
    checkArgument(count > 0, "a system with %s CPUs", count);
    this.count = count;
    this.last = new @Nullable Place[count == 1 ? 0 : RECENT];
  }

  /** Returns how many there are. */
  public int count() {
    return count;
  }

  /** Returns the CPU that the calling thread runs on. */
  public int current() {
    if (count == 1) {
      return 0;
    }
    Thread thread = Thread.currentThread();
    Place place = last[index(thread)];
    return place != null && place.refersTo(thread) ? place.cpu : place(thread).cpu;
  }

  /**
   * Moves the calling thread to a CPU.
   *
   * @throws IllegalArgumentException if there is no such CPU
   */
  public void bind(int cpu) {
    checkArgument(cpu >= 0 && cpu < count, "no CPU %s of %s", cpu, count);
    if (count > 1) {
      place(Thread.currentThread()).cpu = cpu;
    }
  }

  private Place place(Thread thread) {
    Place place = places.get();
    PLACES.setRelease(last, index(thread), place);
    return place;
  }

  private static int index(Thread thread) {
    return (int) thread.getId() & (RECENT - 1);
  }
}

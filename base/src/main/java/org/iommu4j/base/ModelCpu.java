package org.iommu4j.base;

import static com.google.common.base.Preconditions.checkArgument;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * The model CPU that a thread runs on. A thread that was never bound runs on CPU 0.
 *
 * <p>Every mapping asks for it, and more than once. A small table therefore keeps where the last
 * threads that asked are; it takes half the loads of a {@link ThreadLocal}, which is asked for the
 * others.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code include/linux/smp.h:smp_processor_id}.
 */
public final class ModelCpu {
  private static final VarHandle PLACES = MethodHandles.arrayElementVarHandle(Place[].class);
  private static final int RECENT = 64;
  private static final @Nullable Place[] LAST = new Place[RECENT];
  private static final ThreadLocal<Place> PLACE =
      ThreadLocal.withInitial(() -> new Place(Thread.currentThread()));

  private ModelCpu() {}

  /** Where a thread runs; only the thread itself reads or writes the CPU. */
  private static final class Place extends WeakReference<Thread> {
    private int cpu;

    Place(Thread thread) {
      super(thread);
    }
  }

  /** Returns the calling thread's model CPU. */
  public static int current() {
    Thread thread = Thread.currentThread();
    Place place = LAST[index(thread)];
    return place != null && place.refersTo(thread) ? place.cpu : place(thread).cpu;
  }

  /** Moves the calling thread to a model CPU, 0 or more. */
  public static void bind(int cpu) {
    checkArgument(cpu >= 0, "no CPU %s", cpu);
    place(Thread.currentThread()).cpu = cpu;
  }

  private static Place place(Thread thread) {
    Place place = PLACE.get();
    PLACES.setRelease(LAST, index(thread), place);
    return place;
  }

  private static int index(Thread thread) {
    return (int) thread.getId() & (RECENT - 1);
  }
}

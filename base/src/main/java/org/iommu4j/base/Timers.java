package org.iommu4j.base;

/**
 * Where time comes from: makes timers that run something later, on the CPU that armed them.
 *
 * <p>The owner of the model implements this. In tests and replays time moves only when told to
 * ({@link ManualTimers}); a live model may use a scheduler. Implementations must be thread-safe.
 *
 * <p>Source: {@code include/linux/timer.h}.
 */
public interface Timers {
  /**
   * Makes a timer that is not armed.
   *
   * @param expiry what to run whenever the timer expires
   */
  Timer newTimer(Expiry expiry);

  /** Returns the time in milliseconds since some fixed moment. */
  long nowMillis();

  /** What a timer runs. */
  @FunctionalInterface
  interface Expiry {
    /**
     * Runs once for an arming, never while another run of the same timer is under way.
     *
     * @param cpu the model CPU that the timer was armed on
     */
    void expired(int cpu);
  }

  /** One timer, armed or not. */
  interface Timer {
    /**
     * Arms the timer, or moves it if it is armed.
     *
     * <p>Implementations must not run the expiry within this call.
     *
     * @param cpu the model CPU on which it shall expire
     * @param delayMillis the time from now on, 0 or more
     */
    void arm(int cpu, long delayMillis);

    /**
     * Disarms the timer and waits for the end of a run that is under way on another thread.
     *
     * <p>Source: {@code kernel/time/timer.c:del_timer_sync}.
     */
    void cancel();
  }
}

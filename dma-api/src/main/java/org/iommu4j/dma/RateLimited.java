package org.iommu4j.dma;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.Supplier;

/**
 * A place in the code whose lines are limited: ten in five seconds, then silence, and at the next
 * line after that the number of those left out. Thread-safe.
 *
 * <p>Source: {@code lib/ratelimit.c:___ratelimit}.
 */
public final class RateLimited {
  private static final long INTERVAL_MILLIS = 5000;
  private static final int BURST_LINES = 10;

  private final DeviceLog log;
  private final String function;

  @GuardedBy("this") private boolean begun;

  @GuardedBy("this") private long beginMillis;

  @GuardedBy("this") private int printed;

  @GuardedBy("this") private int missed;

  RateLimited(DeviceLog log, String function) {
    this.log = log;
    this.function = function;
  }

  /** Prints the line unless there were too many. */
  public void print(Device device, Supplier<String> text) {
    if (isAllowed()) {
      log.print(device, text.get());
    }
  }

  private synchronized boolean isAllowed() {
    long now = log.nowMillis();
    if (!begun) {
      begun = true;
      beginMillis = now;
    }
    if (now - beginMillis > INTERVAL_MILLIS) {
      if (missed > 0) {
        log.print(function + ": " + missed + " callbacks suppressed");
        missed = 0;
      }
      beginMillis = now;
      printed = 0;
    }
    if (printed == BURST_LINES) {
      missed++;
      return false;
    }
    printed++;
    return true;
  }
}

package org.iommu4j.dma;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Takes the kernel's lines about devices, as {@code dev_warn} and its like print them.
 *
 * <p>Thread-safe if the taker of the lines is.
 *
 * <p>Source: {@code include/linux/dev_printk.h}.
 */
public final class DeviceLog {
  private final Consumer<String> lines;
  private final LongSupplier nowMillis;

  /**
   * Makes a log.
   *
   * @param lines takes each line, with its prefix and without its time
   * @param nowMillis a clock, which only rate limits look at; any beginning will do
   */
  public DeviceLog(Consumer<String> lines, LongSupplier nowMillis) {
    this.lines = Objects.requireNonNull(lines, "lines");
    this.nowMillis = Objects.requireNonNull(nowMillis, "nowMillis");
  }

  /** Returns a log that forgets what it is told. */
  public static DeviceLog silent() {
    return new DeviceLog(line -> {}, () -> 0);
  }

  /** Prints a line about a device. */
  public void print(Device device, String text) {
    lines.accept(device.logPrefix() + text);
  }

  /** Prints a line that is about no device. */
  public void print(String line) {
    lines.accept(line);
  }

  long nowMillis() {
    return nowMillis.getAsLong();
  }

  /** Returns a place that prints its first line only. */
  public Once once() {
    return new Once(this);
  }

  /**
   * Returns a place that prints at most ten lines in five seconds, and how many it left out.
   *
   * @param function the kernel's function that the place is in
   */
  public RateLimited rateLimited(String function) {
    return new RateLimited(this, function);
  }

  /**
   * A place in the code that prints once in a system's life. Thread-safe.
   *
   * <p>Source: {@code include/linux/dev_printk.h:dev_WARN_ONCE}.
   */
  public static final class Once {
    private final DeviceLog log;
    private final AtomicBoolean done = new AtomicBoolean();

    private Once(DeviceLog log) {
      this.log = log;
    }

    /** Prints the line if it is the first. */
    public void print(Device device, Supplier<String> text) {
      if (!done.get() && done.compareAndSet(false, true)) {
        log.print(device, text.get());
      }
    }
  }
}

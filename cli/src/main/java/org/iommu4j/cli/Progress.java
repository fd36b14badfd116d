package org.iommu4j.cli;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A line on a terminal that says how far a long work is; nothing for a short one. */
final class Progress {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Console console;
  private final int total;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private boolean shown;

  Progress(Console console, int total) {
    this(console, total, System::nanoTime);
  }

  Progress(Console console, int total, LongSupplier nanoTime) {
    this.console = console;
    this.total = total;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  /** Says what is done next, if it took long until here. */
  void next(int done, String what) {
    boolean isLong = nanoTime.getAsLong() - startNanos > PATIENCE.toNanos();
    if (console.errIsTerminal() && isLong) {
      console.err().printf("\r\u001b[K%d of %d: %s", done + 1, total, what);
      console.err().flush();
      shown = true;
    }
  }

  /** Takes the line away. */
  void clear() {
    if (shown) {
      console.err().print("\r\u001b[K");
      console.err().flush();
      shown = false;
    }
  }
}

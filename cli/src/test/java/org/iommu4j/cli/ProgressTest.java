package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.iommu4j.cli.Console.Terminals;
import org.junit.jupiter.api.Test;

/** The line that says how far a long work is. */
final class ProgressTest {
  private final StringWriter err = new StringWriter();
  private final AtomicLong now = new AtomicLong();

  private Progress progress(boolean terminal) {
    PrintWriter out = new PrintWriter(new StringWriter());
    Console console = new Console(out, new PrintWriter(err), new Terminals(false, terminal, false));
    return new Progress(console, 10, now::get);
  }

  @Test
  void aLongWorkIsCountedFromOneOnUntilItIsDone() {
    Progress progress = progress(true);
    now.addAndGet(TimeUnit.SECONDS.toNanos(2));
    progress.next(1, "a machine");
    progress.clear();
    assertEquals("", err.toString());
    now.addAndGet(1);
    progress.next(2, "another");
    assertEquals("\r\u001b[K3 of 10: another", err.toString());
    progress.clear();
    progress.clear();
    assertEquals("\r\u001b[K3 of 10: another\r\u001b[K", err.toString());
  }

  @Test
  void whereNobodyWatchesNothingIsSaid() {
    Progress progress = progress(false);
    now.addAndGet(TimeUnit.MINUTES.toNanos(1));
    progress.next(2, "another");
    progress.clear();
    assertEquals("", err.toString());
  }
}

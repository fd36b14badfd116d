package org.iommu4j.evidence.trace;

/**
 * What a CPU was at when it wrote an event; each can be interrupted by those after it.
 *
 * <p>Source: {@code kernel/trace/trace_output.c:trace_print_lat_fmt}.
 */
enum TraceContext {
  TASK(""),
  SOFT_INTERRUPT("s"),
  HARD_INTERRUPT("hH"),
  NON_MASKABLE_INTERRUPT("zZ");

  private static final int COLUMN = 2;

  private final String letters;

  TraceContext(String letters) {
    this.letters = letters;
  }

  /** Returns the context that the letters before an event's time tell; a task if none is told. */
  static TraceContext of(String flags) {
    if (flags.length() > COLUMN) {
      for (TraceContext context : values()) {
        if (context.letters.indexOf(flags.charAt(COLUMN)) >= 0) {
          return context;
        }
      }
    }
    return TASK;
  }
}

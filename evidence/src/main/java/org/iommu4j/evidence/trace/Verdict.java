package org.iommu4j.evidence.trace;

import com.google.errorprone.annotations.Immutable;

/**
 * What the model says to one event of a trace. Immutable.
 *
 * @param line the number of the event's line
 * @param recorded what the kernel wrote: the event's name and what it printed
 * @param laterPiece whether the event is about a piece of a list, but not about the first
 * @param status whether that is what the model would write
 * @param model what the model would write, or why that cannot be told
 */
@Immutable
public record Verdict(int line, String recorded, boolean laterPiece, Status status, String model) {
  /** Whether an event is as the model has it. */
  public enum Status {
    /** The same, to the last digit. */
    EXACT,
    /** Something else, or nothing. */
    DIFFERENT,
    /** The event has no answer in it, or the trace tells too little to find the model's. */
    NOT_CHECKED
  }

  static Verdict exact(TraceEvent event) {
    return of(event, Status.EXACT, event.text());
  }

  static Verdict of(TraceEvent event, String model) {
    return model.equals(event.text()) ? exact(event) : different(event, model);
  }

  static Verdict different(TraceEvent event, String model) {
    return of(event, Status.DIFFERENT, model);
  }

  static Verdict notChecked(TraceEvent event, String because) {
    return of(event, Status.NOT_CHECKED, because);
  }

  private static Verdict of(TraceEvent event, Status status, String model) {
    return new Verdict(event.line(), event.text(), event.isLaterPiece(), status, model);
  }

  boolean isDifferent() {
    return status == Status.DIFFERENT;
  }
}

package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;

/**
 * One thing to know before a device is handed out.
 *
 * @param kind how much it matters
 * @param text what it is, a sentence without its full stop
 * @param fixes what can be done about it, a way a line; may be empty
 * @param decisions the rules behind it
 */
@Immutable
public record Finding(
    Kind kind, String text, ImmutableList<String> fixes, ImmutableList<Decision> decisions) {
  /** How much a finding matters. */
  public enum Kind {
    /** The kernel, or sense, refuses as things are. */
    OBSTACLE,
    /** It has to be done first; the fixes are the commands. */
    STEP,
    /** It works, and may hurt. */
    WARNING,
    /** Good to know. */
    NOTE
  }

  static Finding obstacle(String text, Iterable<String> fixes, Decision... decisions) {
    return new Finding(
        Kind.OBSTACLE, text, ImmutableList.copyOf(fixes), ImmutableList.copyOf(decisions));
  }

  static Finding warning(String text, Decision decision) {
    return new Finding(Kind.WARNING, text, ImmutableList.of(), ImmutableList.of(decision));
  }

  static Finding note(String text, Decision decision) {
    return new Finding(Kind.NOTE, text, ImmutableList.of(), ImmutableList.of(decision));
  }
}

package org.iommu4j.evidence.replay;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * What the model wrote about one command.
 *
 * @param command the command, with what the recorded kernel wrote
 * @param lines what the model wrote in the same place
 * @param log what the model's kernel printed meanwhile, as remarks
 */
@Immutable
public record ReplayedCommand(
    TranscriptCommand command, ImmutableList<String> lines, ImmutableList<String> log) {
  /** Returns the number of lines on either side, whichever has more. */
  public int lineCount() {
    return Math.max(lines.size(), command.recorded().size());
  }

  /** Returns how many lines are what the recorded kernel wrote in their place. */
  public int exactLines() {
    int exact = 0;
    for (int i = 0; i < Math.min(lines.size(), command.recorded().size()); i++) {
      exact += lines.get(i).equals(command.recorded().get(i)) ? 1 : 0;
    }
    return exact;
  }

  /** Returns whether all lines are exact. */
  public boolean isExact() {
    return lines.equals(command.recorded());
  }
}

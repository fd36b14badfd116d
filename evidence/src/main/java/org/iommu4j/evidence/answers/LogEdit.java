package org.iommu4j.evidence.answers;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A line of two logs laid side by side.
 *
 * @param side which log has the line
 * @param text the line
 */
@Immutable
public record LogEdit(Side side, String text) {
  /** Which log has a line. */
  public enum Side {
    /** Both have it. */
    BOTH,
    /** Only the predicted log has it. */
    PREDICTED,
    /** Only the kernel's log has it. */
    RECORDED
  }

  /** Lays two logs side by side with as few differences as can be. */
  static ImmutableList<LogEdit> align(List<String> predicted, List<String> recorded) {
    int[][] common = commonLengths(predicted, recorded);
    Deque<LogEdit> edits = new ArrayDeque<>();
    int p = predicted.size();
    int r = recorded.size();
    while (p > 0 || r > 0) {
      if (p > 0 && r > 0 && predicted.get(p - 1).equals(recorded.get(r - 1))) {
        edits.addFirst(new LogEdit(Side.BOTH, predicted.get(p - 1)));
        p--;
        r--;
      } else if (r > 0 && (p == 0 || common[p][r - 1] >= common[p - 1][r])) {
        edits.addFirst(new LogEdit(Side.RECORDED, recorded.get(--r)));
      } else {
        edits.addFirst(new LogEdit(Side.PREDICTED, predicted.get(--p)));
      }
    }
    return ImmutableList.copyOf(edits);
  }

  private static int[][] commonLengths(List<String> predicted, List<String> recorded) {
    int[][] common = new int[predicted.size() + 1][recorded.size() + 1];
    for (int p = 1; p <= predicted.size(); p++) {
      for (int r = 1; r <= recorded.size(); r++) {
        boolean same = predicted.get(p - 1).equals(recorded.get(r - 1));
        common[p][r] =
            same ? common[p - 1][r - 1] + 1 : Math.max(common[p - 1][r], common[p][r - 1]);
      }
    }
    return common;
  }
}

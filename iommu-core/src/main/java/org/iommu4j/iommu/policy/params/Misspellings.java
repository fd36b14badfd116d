package org.iommu4j.iommu.policy.params;

import java.util.Locale;
import java.util.Optional;

/** Guesses which word was meant. */
final class Misspellings {
  private Misspellings() {}

  /**
   * Returns the nearest candidate, if it is near enough: the same but for case, one slip away if it
   * has at least four letters, two if it has at least nine. A slip is a character too many, one
   * missing, another one, or two swapped.
   */
  public static Optional<String> nearest(String word, Iterable<String> candidates) {
    String best = null;
    int bestSlips = Integer.MAX_VALUE;
    for (String candidate : candidates) {
      int slips = slips(fold(word), fold(candidate));
      if (slips < bestSlips && slips <= allowed(candidate)) {
        best = candidate;
        bestSlips = slips;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Returns {@code "; probably meant: ..."}, or nothing if no candidate is near. */
  public static String hint(String word, Iterable<String> candidates) {
    return nearest(word, candidates).map(near -> "; probably meant: " + near).orElse("");
  }

  private static int allowed(String candidate) {
    return candidate.length() >= 9 ? 2 : candidate.length() >= 4 ? 1 : 0;
  }

  private static String fold(String word) {
    return word.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  // Optimal string alignment; words of a command line are short.
  private static int slips(String a, String b) {
    if (Math.abs(a.length() - b.length()) > 2) {
      return Integer.MAX_VALUE;
    }
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : step(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int step(int[][] cost, String a, String b, int i, int j) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int best = Math.min(cost[i - 1][j], cost[i][j - 1]) + 1;
    best = Math.min(best, cost[i - 1][j - 1] + (same ? 0 : 1));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
  }
}

package org.iommu4j.iommu.policy.params;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * What one word of a parameter does.
 *
 * @param word the word as it is documented
 * @param compared the characters that the kernel compares
 * @param exact whether more characters after those compared are a mismatch
 * @param verdict what becomes of the word, if no later word takes it back
 * @param effect what it changes, in plain words; empty if it has nothing to do with DMA
 * @param sets the kernel's variables that it sets, the one it is known for first
 * @param log the line that the kernel logs, or null
 */
@Immutable
public record WordRule(
    String word,
    String compared,
    boolean exact,
    Verdict verdict,
    String effect,
    ImmutableMap<String, String> sets,
    @Nullable String log) {

  /** Returns a rule for all words that start like this one. */
  public static WordRule startsWith(String word, String effect) {
    return new WordRule(word, word, false, Verdict.HONOURED, effect, ImmutableMap.of(), null);
  }

  /** Returns a rule for this word alone. */
  public static WordRule equalTo(String word, String effect) {
    return new WordRule(word, word, true, Verdict.HONOURED, effect, ImmutableMap.of(), null);
  }

  /** Returns this rule, but comparing only so many characters. */
  public WordRule comparing(int characters) {
    String start = word.substring(0, characters);
    return new WordRule(word, start, exact, verdict, effect, sets, log);
  }

  /** Returns this rule with another verdict. */
  public WordRule judged(Verdict other) {
    return new WordRule(word, compared, exact, other, effect, sets, log);
  }

  /** Returns this rule with one more variable that it sets. */
  public WordRule set(String variable, String value) {
    ImmutableMap<String, String> more =
        ImmutableMap.<String, String>builder().putAll(sets).put(variable, value).buildOrThrow();
    return new WordRule(word, compared, exact, verdict, effect, more, log);
  }

  /** Returns this rule with the line that the kernel logs. */
  public WordRule logging(String line) {
    return new WordRule(word, compared, exact, verdict, effect, sets, line);
  }

  /** Returns whether the rule is for this word. */
  public boolean matches(String text) {
    return exact ? text.equals(compared) : text.startsWith(compared);
  }
}

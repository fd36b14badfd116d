package org.iommu4j.iommu.policy.params;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import java.util.function.Predicate;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;

/**
 * The words of one parameter, in the order in which the kernel compares them; the first match wins.
 *
 * @param parameter the parameter's name
 * @param source the kernel's file and function that compares them
 * @param rules the words
 */
@Immutable
public record WordTable(String parameter, String source, ImmutableList<WordRule> rules) {

  /** Returns the table of a release: the words that it has. */
  public WordTable cutTo(Release release) {
    ImmutableList<WordRule> had =
        rules.stream()
            .filter(rule -> rule.span().contains(release))
            .collect(ImmutableList.toImmutableList());
    return new WordTable(parameter, source, had);
  }

  /** Returns the table without some of its words. */
  public WordTable without(Predicate<WordRule> unwanted) {
    ImmutableList<WordRule> left =
        rules.stream().filter(unwanted.negate()).collect(ImmutableList.toImmutableList());
    return new WordTable(parameter, source, left);
  }

  /** Returns the rule for this word, if there is one. */
  public Optional<WordRule> find(String word) {
    return rules.stream().filter(rule -> rule.matches(word)).findFirst();
  }

  /** Enters a word and what it does into the ledger; an unknown word is entered as such. */
  public void judge(WordLedger ledger, ParameterWord word) {
    Optional<WordRule> rule = find(word.text());
    if (rule.isPresent()) {
      ledger.enter(word, rule.get(), source);
    } else {
      ledger.note(word, Verdict.UNKNOWN, unknown(word.text()), source);
    }
  }

  /** Returns what there is to say of a word that no rule matches. */
  public String unknown(String word) {
    Optional<String> advice = KnownWords.advice(parameter, word);
    if (advice.isPresent()) {
      return advice.get();
    }
    ImmutableList<String> words =
        rules.stream().map(WordRule::word).collect(ImmutableList.toImmutableList());
    return "no word of " + parameter + "=" + Misspellings.hint(word, words);
  }
}

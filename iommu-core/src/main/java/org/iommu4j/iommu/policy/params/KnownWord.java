package org.iommu4j.iommu.policy.params;

import static org.iommu4j.base.ReleaseSpan.ALWAYS;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.ReleaseSpan;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.machine.CommandLine.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * A word that people write, and what is true of it.
 *
 * @param parameter the parameter's name; an asterisk at its end stands for any more characters
 * @param match how the word is compared
 * @param word the word, empty where any is meant
 * @param verdict what becomes of it
 * @param effect what it does or does not do, and what to write instead
 * @param source where the kernel reads it, or who does
 * @param needs the configuration option without which nothing reads it, or null
 * @param span the releases of which it is true
 */
@Immutable
record KnownWord(
    String parameter,
    Match match,
    String word,
    Verdict verdict,
    String effect,
    String source,
    @Nullable String needs,
    ReleaseSpan span) {
  /** How the word is compared with a part of the value. */
  enum Match {
    /** Whatever the value, also without one. */
    ANY,
    /** The part is the word. */
    EQUAL,
    /** The part has the word in it. */
    CONTAINS
  }

  static KnownWord any(String parameter, Verdict verdict, String effect, String source) {
    return new KnownWord(parameter, Match.ANY, "", verdict, effect, source, null, ALWAYS);
  }

  static KnownWord equal(
      String parameter, String word, Verdict verdict, String effect, String source) {
    return new KnownWord(parameter, Match.EQUAL, word, verdict, effect, source, null, ALWAYS);
  }

  static KnownWord containing(String parameter, String word, String effect, String source) {
    return new KnownWord(
        parameter, Match.CONTAINS, word, Verdict.HONOURED, effect, source, null, ALWAYS);
  }

  KnownWord needing(String option) {
    return new KnownWord(parameter, match, word, verdict, effect, source, option, span);
  }

  KnownWord in(ReleaseSpan releases) {
    return new KnownWord(parameter, match, word, verdict, effect, source, needs, releases);
  }

  boolean isNamed(Parameter written) {
    if (!parameter.endsWith("*")) {
      return written.isNamed(parameter);
    }
    int length = parameter.length() - 1;
    String start = written.name().substring(0, Math.min(length, written.name().length()));
    return start.replace('-', '_').equals(parameter.substring(0, length).replace('-', '_'));
  }

  boolean matches(String part) {
    return match == Match.ANY
        || (match == Match.EQUAL && part.equals(word))
        || (match == Match.CONTAINS && part.contains(word));
  }
}

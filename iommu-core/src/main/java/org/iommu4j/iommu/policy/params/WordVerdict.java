package org.iommu4j.iommu.policy.params;

import com.google.errorprone.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/**
 * What became of one word of the command line.
 *
 * @param parameterIndex which parameter of the command line it belongs to, from 0
 * @param parameter the parameter's name as written
 * @param word one part of the parameter's value, or the whole parameter where it has none
 * @param offset where the word starts, in characters from the start of the line
 * @param verdict what became of it
 * @param effect what it changes, in plain words
 * @param overriddenBy the later word that takes the effect back, or null
 * @param source the kernel's file and function that reads it
 */
@Immutable
public record WordVerdict(
    int parameterIndex,
    String parameter,
    String word,
    int offset,
    Verdict verdict,
    String effect,
    @Nullable String overriddenBy,
    String source) {

  /** What the kernel does with a word. */
  public enum Verdict {
    /** It does what it says. */
    HONOURED,
    /** It is read and dropped. */
    IGNORED,
    /** Nothing in this release knows it. */
    UNKNOWN,
    /** It works, and another word should be used. */
    DEPRECATED,
    /** It works, until a later word sets the same thing to something else. */
    OVERRIDDEN,
    /** The kernel refuses the parameter. */
    MALFORMED,
    /** It is taken, and nothing that matters to this model reads it. */
    NO_EFFECT_HERE
  }

  /** Returns the word with its parameter, {@code iommu=pt}. */
  public String qualified() {
    return ParameterWord.qualified(parameter, word);
  }

  @Override
  public String toString() {
    String by = overriddenBy == null ? "" : " by " + overriddenBy;
    return qualified() + ": " + verdict + by + ": " + effect + " [" + source + "]";
  }
}

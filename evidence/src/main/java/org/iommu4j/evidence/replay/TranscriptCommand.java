package org.iommu4j.evidence.replay;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.List;
import java.util.regex.Pattern;
import org.iommu4j.machine.input.BadInputException;

/**
 * One command of a transcript, with what the recorded kernel answered.
 *
 * @param file the transcript's name
 * @param line the number of the command's line
 * @param text the command without its answer
 * @param recorded all lines that the kernel wrote about it, the command's own among them
 */
@Immutable
public record TranscriptCommand(
    String file, int line, String text, ImmutableList<String> recorded) {
  /** What stands between a command and its answer. */
  static final String ARROW = " ->";

  private static final int MAX_WORDS = 72;
  private static final CharMatcher DIGIT = CharMatcher.inRange('0', '9');
  private static final Pattern HEXADECIMAL = Pattern.compile("0[xX][0-9a-fA-F]+");
  private static final Splitter BLANKS = Splitter.on(' ').omitEmptyStrings();

  /** Returns the command's words, of which the recording module takes no more than 72. */
  List<String> words() {
    List<String> words = BLANKS.splitToList(text);
    return words.subList(0, Math.min(words.size(), MAX_WORDS));
  }

  /** Returns one of its words; {@link BadInputException} if there are not as many. */
  String word(int index) {
    List<String> words = words();
    if (index >= words.size()) {
      throw BadInputException.atLine(
          file, line, words.get(0) + " has at least " + index + " arguments", text);
    }
    return words.get(index);
  }

  /** Returns the error that a rule is broken by this command. */
  BadInputException bad(String rule) {
    return BadInputException.atLine(file, line, rule, text);
  }

  /**
   * Returns a word as the recording module reads it: decimal, hexadecimal after 0x, octal after 0,
   * and 0 if it begins as a number and is none of 64 bits.
   *
   * <p>Source: {@code lib/kstrtox.c:kstrtoull}, with base 0.
   */
  long number(int index) {
    String word = word(index);
    if (!DIGIT.matches(word.charAt(0))) {
      throw BadInputException.atLine(
          file, line, "argument " + index + " is a decimal or 0x-hexadecimal number", word);
    }
    try {
      if (HEXADECIMAL.matcher(word).matches()) {
        return Long.parseUnsignedLong(word, 2, word.length(), 16);
      }
      return Long.parseUnsignedLong(word, word.charAt(0) == '0' ? 8 : 10);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Returns a word as a number, or another if the command has not as many words. */
  long number(int index, long otherwise) {
    return index < words().size() ? number(index) : otherwise;
  }

  /** Returns a word as a number of at most this size. */
  int smallNumber(int index, int most) {
    long number = number(index);
    if (number < 0 || number > most) {
      throw BadInputException.atLine(
          file, line, "argument " + index + " is at most " + most, word(index));
    }
    return (int) number;
  }
}

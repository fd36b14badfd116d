package org.iommu4j.iommu.replay;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.List;
import org.iommu4j.iommu.input.BadInputException;

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

  private static final Splitter BLANKS = Splitter.on(' ').omitEmptyStrings();

  /** Returns the command's words. */
  List<String> words() {
    return BLANKS.splitToList(text);
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

  /** Returns a word as a number: decimal, or hexadecimal after 0x. */
  long number(int index) {
    String word = word(index);
    try {
      return word.startsWith("0x")
          ? Long.parseUnsignedLong(word, 2, word.length(), 16)
          : Long.parseUnsignedLong(word);
    } catch (NumberFormatException e) {
      throw BadInputException.atLine(
          file, line, "argument " + index + " is a decimal or 0x-hexadecimal number", word);
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

package org.iommu4j.architecture;

import com.google.common.collect.ImmutableList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The string literals of a source, without those of comments. */
final class StringLiterals {
  private static final Pattern TOKEN =
      Pattern.compile(
          "//[^\\n]*"
              + "|(?s:/\\*.*?\\*/)"
              + "|\"\"\"(?<block>(?s:.*?))\"\"\""
              + "|\"(?<line>(?:[^\"\\\\\\n]|\\\\.)*+)\""
              + "|'(?:[^'\\\\\\n]|\\\\[^\\n]{1,6}?)'");

  private StringLiterals() {}

  /** Returns them as they are written, with their escapes. */
  static ImmutableList<String> of(String source) {
    ImmutableList.Builder<String> literals = ImmutableList.builder();
    Matcher matcher = TOKEN.matcher(source);
    while (matcher.find()) {
      String block = matcher.group("block");
      String line = matcher.group("line");
      if (block != null) {
        literals.add(block);
      } else if (line != null) {
        literals.add(line);
      }
    }
    return literals.build();
  }
}

package org.iommu4j.iommu.policy.params;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.CommandLine.Parameter;

/**
 * One part of a parameter's value, and where it stands.
 *
 * @param parameterIndex which parameter of the command line it belongs to, from 0
 * @param parameter the parameter's name as written
 * @param text the part, or the whole parameter where it has no value
 * @param offset where the part starts in the line
 */
@Immutable
public record ParameterWord(int parameterIndex, String parameter, String text, int offset) {

  /** Returns the parameter as one word that includes its name. */
  public static ParameterWord whole(int index, Parameter parameter) {
    return new ParameterWord(index, parameter.name(), parameter.word(), parameter.offset());
  }

  /** Returns the parameter's value as one word, or the whole parameter if the value is empty. */
  public static ParameterWord value(int index, Parameter parameter) {
    String value = parameter.value();
    return value == null || value.isEmpty()
        ? whole(index, parameter)
        : new ParameterWord(index, parameter.name(), value, parameter.valueOffset());
  }

  /** Cuts the parameter's value at its commas; empty parts are left out, as the kernel does. */
  public static ImmutableList<ParameterWord> cut(int index, Parameter parameter) {
    String value = parameter.value() == null ? "" : parameter.value();
    ImmutableList.Builder<ParameterWord> words = ImmutableList.builder();
    int at = 0;
    while (at < value.length()) {
      int comma = value.indexOf(',', at);
      int end = comma < 0 ? value.length() : comma;
      if (end > at) {
        words.add(
            new ParameterWord(
                index, parameter.name(), value.substring(at, end), parameter.valueOffset() + at));
      }
      at = end + 1;
    }
    return words.build();
  }

  /** Returns a part of this word. */
  public ParameterWord part(int from, int to) {
    return new ParameterWord(parameterIndex, parameter, text.substring(from, to), offset + from);
  }

  /** Returns the word with its parameter, {@code iommu=pt}. */
  public String qualified() {
    return qualified(parameter, text);
  }

  static String qualified(String parameter, String word) {
    String bare = word.startsWith("\"") ? word.substring(1) : word;
    boolean whole = bare.equals(parameter) || bare.startsWith(parameter + "=");
    return whole ? word : parameter + "=" + word;
  }
}

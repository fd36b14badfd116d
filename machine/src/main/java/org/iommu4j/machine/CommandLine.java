package org.iommu4j.machine;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/**
 * A kernel command line, cut into parameters as the kernel cuts it.
 *
 * <p>Double quotes hold blanks together and are dropped at the ends of a value; a lone {@code --}
 * ends the kernel's part. Immutable.
 *
 * <p>Source: {@code lib/cmdline.c:next_arg}, {@code kernel/params.c:parse_args}.
 */
public final class CommandLine {
  private static final int MAX_LENGTH = 2047; // COMMAND_LINE_SIZE of x86, less the terminator

  private final String text;
  private final ImmutableList<Parameter> parameters;

  private CommandLine(String text, ImmutableList<Parameter> parameters) {
    this.text = text;
    this.parameters = parameters;
  }

  /** Cuts a command line; what lies beyond 2047 characters is lost, as on x86. */
  public static CommandLine parse(String text) {
    String line = text.strip();
    String kept = line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) : line;
    return new CommandLine(line, cut(kept));
  }

  private static ImmutableList<Parameter> cut(String line) {
    ImmutableList.Builder<Parameter> found = ImmutableList.builder();
    int at = skipBlanks(line, 0);
    while (at < line.length()) {
      int end = endOfWord(line, at);
      Parameter parameter = parameter(line.substring(at, end), at);
      if (parameter.value() == null && parameter.name().equals("--")) {
        break;
      }
      found.add(parameter);
      at = skipBlanks(line, end);
    }
    return found.build();
  }

  private static int skipBlanks(String line, int from) {
    int at = from;
    while (at < line.length() && isBlank(line.charAt(at))) {
      at++;
    }
    return at;
  }

  private static int endOfWord(String line, int from) {
    boolean quoted = false;
    int at = from;
    while (at < line.length() && (quoted || !isBlank(line.charAt(at)))) {
      quoted ^= line.charAt(at) == '"';
      at++;
    }
    return at;
  }

  // The kernel's isspace() also takes the no-break space of Latin-1, 0xa0.
  private static boolean isBlank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
  }

  private static Parameter parameter(String word, int offset) {
    boolean quoted = word.startsWith("\"");
    String body = quoted ? word.substring(1) : word;
    boolean closes = body.endsWith("\"");
    int equals = body.indexOf('=', 1); // one that leads belongs to the name
    if (equals < 0) {
      return new Parameter(word, quoted && closes ? chop(body) : body, null, offset);
    }
    String value = body.substring(equals + 1);
    if (value.startsWith("\"")) {
      value = value.substring(1);
      value = value.endsWith("\"") ? chop(value) : value;
    } else if (quoted && closes) {
      value = chop(value);
    }
    return new Parameter(word, body.substring(0, equals), value, offset);
  }

  private static String chop(String text) {
    return text.isEmpty() ? text : text.substring(0, text.length() - 1);
  }

  /** Returns the line as it was given, without blanks at its ends. */
  public String text() {
    return text;
  }

  /** Returns the parameters that the kernel looks at, in order. */
  public ImmutableList<Parameter> parameters() {
    return parameters;
  }

  @Override
  public String toString() {
    return text;
  }

  /**
   * One parameter.
   *
   * @param word the parameter as it is written
   * @param name what stands before the first equals sign that does not lead the parameter
   * @param value what stands after it without quotes, or null where there is no equals sign
   * @param offset where the word starts, in characters from the start of the line
   */
  @Immutable
  public record Parameter(String word, String name, @Nullable String value, int offset) {
    /**
     * Returns whether this is the named parameter; dashes and underscores are the same.
     *
     * <p>Source: {@code kernel/params.c:parameq}.
     */
    public boolean isNamed(String other) {
      return name.replace('-', '_').equals(other.replace('-', '_'));
    }

    /** Returns where the value starts in the line, or where the word ends if it has no value. */
    public int valueOffset() {
      if (value == null) {
        return offset + word.length();
      }
      int at = (word.startsWith("\"") ? 1 : 0) + name.length() + 1;
      return offset + at + (word.startsWith("\"", at) ? 1 : 0);
    }
  }
}

package org.iommu4j.machine.input;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a kernel log without what the printing tools put before them: {@code dmesg} with or
 * without times, levels and callers, {@code journalctl -k}, {@code /var/log/kern.log}.
 */
public final class KernelLog {
  private static final int PREFIX_LIMIT = 200;
  private static final Pattern PREFIX =
      Pattern.compile(
          "^[> ]{0,16}"
              + "(?:[^\\[]{0,100}?\\bkernel: ?|[A-Z][a-z]{2} [ \\d]\\d [\\d:.]{8,16} )?"
              + "(?:[a-z]{1,8} *:[a-z]{1,8} *: )?"
              + "(?:<\\d{1,3}>)?"
              + "(?:\\[ *\\d{1,10}\\.\\d{1,9}\\] ?|\\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d:]{10,20}\\] )?"
              + "(?:\\[ *[TC]\\d{1,10}\\] ?)?");

  private static final Pattern TIME =
      Pattern.compile(
          "\\[ *(?<seconds>\\d{1,10}\\.\\d{1,9})\\]"
              + "|\\[(?<wall>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d:]{10,20})\\]"
              + "|^[> ]{0,16}(?<stamp>[A-Z][a-z]{2} [ \\d]\\d [\\d:.]{8,16}|\\d{4}-\\d\\d-\\d\\dT[\\d:.+Z-]{8,24})");

  private KernelLog() {}

  /**
   * One line of a log.
   *
   * @param time when it was printed, as the log has it: seconds from boot on, or a date; null if it
   *     has no time
   * @param message the line without what the printing tools put before it
   */
  public record Entry(@Nullable String time, String message) {}

  /** Returns the lines of a log with their times, in order. */
  public static Stream<Entry> entries(String text) {
    return text.lines().map(KernelLog::entry);
  }

  private static Entry entry(String line) {
    String message = message(line);
    Matcher time = TIME.matcher(line.substring(0, line.length() - message.length()));
    if (!time.find()) {
      return new Entry(null, message);
    }
    String seconds = time.group("seconds");
    String wall = time.group("wall");
    return new Entry(
        seconds != null ? seconds + " s" : wall != null ? wall : time.group("stamp"), message);
  }

  /** Returns the messages of a log, one for each line, in order. */
  public static Stream<String> messages(String text) {
    return text.lines().map(KernelLog::message);
  }

  private static String message(String line) {
    String start = line.length() > PREFIX_LIMIT ? line.substring(0, PREFIX_LIMIT) : line;
    Matcher prefix = PREFIX.matcher(start);
    return prefix.find() ? line.substring(prefix.end()) : line;
  }
}

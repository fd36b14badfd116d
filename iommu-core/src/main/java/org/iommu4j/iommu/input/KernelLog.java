package org.iommu4j.iommu.input;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

  private KernelLog() {}

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

package org.iommu4j.iommu.input;

import com.google.common.collect.ImmutableList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines of a kernel log without what the printing tools put before them: {@code dmesg} with or
 * without times, levels and callers, {@code journalctl -k}, {@code /var/log/kern.log}.
 */
public final class KernelLog {
  private static final int PREFIX_LIMIT = 200;
  private static final Pattern PREFIX =
      Pattern.compile(
          "^(?:[^\\[]{0,100}?\\bkernel: ?)?"
              + "(?:[a-z]{1,8} *:[a-z]{1,8} *: )?"
              + "(?:<\\d{1,3}>)?"
              + "(?:\\[ *\\d{1,10}\\.\\d{1,9}\\] ?|\\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d:]{10,20}\\] )?"
              + "(?:\\[ *[TC]\\d{1,10}\\] ?)?");

  private KernelLog() {}

  /** Returns the messages of a log, one a line, in order; blank lines are left out. */
  public static ImmutableList<String> messages(String text) {
    return text.lines()
        .map(KernelLog::message)
        .filter(message -> !message.isBlank())
        .collect(ImmutableList.toImmutableList());
  }

  private static String message(String line) {
    String start = line.length() > PREFIX_LIMIT ? line.substring(0, PREFIX_LIMIT) : line;
    Matcher prefix = PREFIX.matcher(start);
    return prefix.find() ? line.substring(prefix.end()) : line;
  }
}

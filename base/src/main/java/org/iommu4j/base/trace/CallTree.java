package org.iommu4j.base.trace;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import jdk.jfr.EventType;
import jdk.jfr.MemoryAddress;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import org.iommu4j.base.Release;
import org.iommu4j.base.Since;
import org.jspecify.annotations.Nullable;

/** Puts recorded calls of one thread back into each other. */
final class CallTree {
  private static final String ANSWER = "answer";
  private static final List<String> NO_ARGUMENTS =
      List.of("startTime", "duration", "eventThread", "failed", "device", ANSWER);

  private static final Pattern IN_BRACES = Pattern.compile("\\{(\\w+)\\}");

  private static final String MAPPING_ERROR = "0x" + Long.toHexString(-1);

  private final Release release;

  /**
   * Makes trees of calls.
   *
   * @param release whose names the functions have
   */
  CallTree(Release release) {
    this.release = release;
  }

  /** A call that is complete, and when it began. */
  private record Done(Instant start, TracedCall call) {}

  static boolean isKernelCall(RecordedEvent event) {
    return event.getEventType().getAnnotation(KernelSource.class) != null;
  }

  /**
   * Returns the outermost calls.
   *
   * @param events in the order in which the calls ended: a caller stands after what it called
   */
  List<TracedCall> of(List<RecordedEvent> events) {
    Deque<Done> open = new ArrayDeque<>();
    for (RecordedEvent event : events) {
      Deque<TracedCall> made = new ArrayDeque<>();
      while (!open.isEmpty() && !open.getLast().start().isBefore(event.getStartTime())) {
        made.addFirst(open.removeLast().call());
      }
      open.addLast(new Done(event.getStartTime(), call(event, new ArrayList<>(made))));
    }
    return open.stream().map(Done::call).toList();
  }

  private TracedCall call(RecordedEvent event, List<TracedCall> made) {
    EventType type = event.getEventType();
    String source = source(event, type.getAnnotation(KernelSource.class));
    int colon = source.indexOf(':');
    Map<String, Object> arguments = new LinkedHashMap<>();
    Object answer = null;
    for (ValueDescriptor field : type.getFields()) {
      String name = field.getName();
      if (name.equals(ANSWER)) {
        answer = answer(event, field);
      } else if (!NO_ARGUMENTS.contains(name)) {
        Object value = value(event, field);
        if (value != null) {
          arguments.put(kernelName(name), value);
        }
      }
    }
    return new TracedCall(
        source.substring(colon + 1),
        source.substring(0, colon),
        arguments,
        answer,
        event.getBoolean("failed"),
        made);
  }

  private String source(RecordedEvent event, KernelSource sources) {
    String source = sources.value();
    for (String later : sources.later()) {
      int blank = later.indexOf(' ');
      if (Since.of(later.substring(0, blank)).contains(release)) {
        source = later.substring(blank + 1);
      }
    }
    return IN_BRACES.matcher(source).replaceAll(name -> lastWord(event, name.group(1)));
  }

  private static String lastWord(RecordedEvent event, String field) {
    String word = String.valueOf(event.<Object>getValue(field));
    return word.substring(word.lastIndexOf('_') + 1).toLowerCase(Locale.ROOT);
  }

  private static @Nullable Object answer(RecordedEvent event, ValueDescriptor field) {
    Object value = value(event, field);
    return MAPPING_ERROR.equals(value) ? "DMA_MAPPING_ERROR" : value;
  }

  private static @Nullable Object value(RecordedEvent event, ValueDescriptor field) {
    Object value = event.getValue(field.getName());
    return value instanceof Long number && field.getAnnotation(MemoryAddress.class) != null
        ? "0x" + Long.toHexString(number)
        : value;
  }

  private static String kernelName(String javaName) {
    return javaName.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}

package org.iommu4j.base.trace;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recorded call of a function of the kernel, with the calls that it made. Immutable.
 *
 * @param function the function, such as {@code alloc_iova_fast}
 * @param file the kernel's file that has it, such as {@code drivers/iommu/iova.c}
 * @param arguments by the kernel's spelling of their names, in order: numbers, words, and addresses
 *     as text in hex
 * @param answer what it returned, of the same kinds, or null if it returns nothing
 * @param failed whether it could not do what it was asked for
 * @param calls what it called, in order
 */
public record TracedCall(
    String function,
    String file,
    Map<String, Object> arguments,
    @Nullable Object answer,
    boolean failed,
    List<TracedCall> calls) {
  /** Copies what can change. */
  public TracedCall {
    arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    calls = List.copyOf(calls);
  }

  /** Returns the innermost call that failed, of which this call's failure is the echo. */
  public TracedCall cause() {
    for (int i = calls.size() - 1; i >= 0; i--) {
      if (calls.get(i).failed()) {
        return calls.get(i).cause();
      }
    }
    return this;
  }
}

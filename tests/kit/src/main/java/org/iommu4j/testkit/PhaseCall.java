package org.iommu4j.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A call of the core to a vendor, caught on its way. Not thread-safe. */
public final class PhaseCall {
  private static final @Nullable Object[] NONE = {};

  private final Object phase;
  private final Method method;
  private final @Nullable Object[] arguments;

  /**
   * Makes what a proxy was handed.
   *
   * @param phase who was called: the vendor, or a phase of its driver
   * @param arguments null if the method takes none
   */
  PhaseCall(Object phase, Method method, @Nullable Object @Nullable [] arguments) {
    this.phase = phase;
    this.method = method;
    this.arguments = arguments == null ? NONE : arguments;
  }

  /** Returns who was called: the vendor, or a phase of its driver. */
  public Object phase() {
    return phase;
  }

  /** Returns the name of the method. */
  public String name() {
    return method.getName();
  }

  /** Returns how many arguments there are. */
  public int count() {
    return arguments.length;
  }

  /** Returns the argument at a place, counted from 0. */
  public @Nullable Object argument(int at) {
    return arguments[at];
  }

  /** Returns an argument that is not null. */
  public Object required(int at) {
    return Objects.requireNonNull(arguments[at], () -> name() + "'s argument " + at);
  }

  /** Puts another argument in the place of one. */
  public void replace(int at, @Nullable Object other) {
    arguments[at] = other;
  }

  /** Makes the call and returns what it returns; throws what it throws. */
  public @Nullable Object make() throws Throwable {
    try {
      return method.invoke(phase, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}

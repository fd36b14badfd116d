package org.iommu4j.base.trace;

import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;

/**
 * One call of a function of the kernel: a tracepoint, as an event of the JDK's flight recorder.
 *
 * <p>A type of call is a final class with a {@link KernelSource} and the arguments as fields;
 * {@code device} is the device's name, {@code answer} what the function returned, and {@link
 * jdk.jfr.MemoryAddress} marks what is printed in hex. The code that it is about makes one, begins
 * it, and at its end gives the values to the one method that sets the fields and commits. That
 * method takes what is at hand, and makes text of it only for an event that is recorded.
 *
 * <p>Off unless a recording asks for it by name. While none does, nothing is allocated: one idle
 * event of the type stands for all calls. Not thread-safe; every call that may be recorded has an
 * event of its own.
 */
@Category("iommu4j")
@Enabled(false)
@StackTrace(false)
public abstract class KernelCall extends Event {
  /** Whether the function could not do what it was asked for. */
  @Label("Failed")
  @Description("Whether the function could not do what it was asked for")
  protected boolean failed;

  /** Whether this is a call, and not the idle event that stands for those that nobody records. */
  private boolean begun;

  /** Makes the event of a call that has not begun. */
  protected KernelCall() {}

  /**
   * Returns the event of a call that begins now.
   *
   * <p>While nobody records the type that is the idle one, so that nothing is allocated even where
   * the compiler does not see that it need not be.
   *
   * @param off the idle event of the type, which is never committed
   * @param fresh makes another one
   */
  protected static <T extends KernelCall> T begun(T off, Supplier<T> fresh) {
    if (!off.isEnabled()) {
      return off;
    }
    T call = fresh.get();
    ((KernelCall) call).begun = true;
    call.begin();
    return call;
  }

  /** Returns whether the call is worth its values: somebody records events of its type. */
  protected final boolean isRecorded() {
    return begun && shouldCommit();
  }
}

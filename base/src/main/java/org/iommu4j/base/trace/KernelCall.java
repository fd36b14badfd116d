package org.iommu4j.base.trace;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;

/**
 * One call of a function of the kernel: a tracepoint, as an event of the JDK's flight recorder.
 *
 * <p>A type of call is a final class with a {@link KernelSource}, the arguments as fields and one
 * idle event, by convention {@code OFF}; {@code device} is the device's name, {@code answer} what
 * the function returned, and {@link jdk.jfr.MemoryAddress} marks what is printed in hex. The code
 * that it is about takes the event of a call from {@link #begun}, and at the call's end gives the
 * values to the one method that sets the fields and commits. That method takes what is at hand, and
 * makes text of it only for an event that is recorded.
 *
 * <p>Types whose calls have the same arguments share a superclass that has the fields. The recorder
 * puts a class's own fields before those of its superclass and knows nothing of private ones there.
 *
 * <p>Off unless a recording asks for it by name. While none does, nothing is allocated: one idle
 * event of the type stands for all calls. Not thread-safe; every call that may be recorded has an
 * event of its own.
 */
@Category("iommu4j")
@Enabled(false)
@StackTrace(false)
public abstract class KernelCall extends Event implements Cloneable {
  /** Whether the function could not do what it was asked for. */
  @Label("Failed")
  @Description("Whether the function could not do what it was asked for")
  protected boolean failed;

  /** Whether this is a call, and not the idle event that stands for those that nobody records. */
  private boolean begun;

  /** Makes the idle event of a type. */
  protected KernelCall() {}

  /**
   * Returns the event of a call that begins now.
   *
   * <p>While nobody records the type that is the idle one, so that nothing is allocated even where
   * the compiler does not see that it need not be.
   *
   * @param off the idle event of the type, which is never committed
   */
  @SuppressWarnings("unchecked") // a clone is of its original's class
  public static <T extends KernelCall> T begun(T off) {
    if (!off.isEnabled()) {
      return off;
    }
    T call = (T) off.clone();
    ((KernelCall) call).begun = true;
    call.begin();
    return call;
  }

  /** Returns whether the call is worth its values: somebody records events of its type. */
  protected final boolean isRecorded() {
    return begun && shouldCommit();
  }

  /** Returns another event with the same values. */
  @Override
  protected final KernelCall clone() {
    try {
      return (KernelCall) super.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /** A call that has neither arguments nor an answer. */
  public abstract static class Bare extends KernelCall {
    /** Makes the idle event of a type. */
    protected Bare() {}

    /** Ends the call. */
    public final void done() {
      if (isRecorded()) {
        commit();
      }
    }
  }
}

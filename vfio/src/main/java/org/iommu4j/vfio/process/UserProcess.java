package org.iommu4j.vfio.process;

import static com.google.common.base.Preconditions.checkArgument;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

/**
 * A process of user space: its memory, its limits, and its privilege. Thread-safe.
 *
 * <p>Source: {@code include/linux/sched.h:struct task_struct}.
 */
public final class UserProcess {
  private final String name;
  private final ProcessMemory memory;
  private volatile long memlockBytes;
  private volatile boolean ipcLock;
  private volatile boolean exited;

  /**
   * Makes a process without any memory mapped, and without privilege.
   *
   * @param memlockBytes how much memory it may lock, at least 0
   */
  public UserProcess(String name, PageFrames frames, long memlockBytes) {
    this.name = name;
    this.memlockBytes = memlockBytes;
    this.memory = new ProcessMemory(frames);
  }

  /** Returns the process's memory. */
  public ProcessMemory memory() {
    return memory;
  }

  /** Returns how many pages the process may lock: {@code RLIMIT_MEMLOCK}. */
  public long memlockPages() {
    return memlockBytes >>> PAGE_SHIFT;
  }

  /**
   * Sets {@code RLIMIT_MEMLOCK}.
   *
   * @param bytes at least 0; else {@link IllegalArgumentException}
   */
  public void setMemlockBytes(long bytes) {
    checkArgument(bytes >= 0, "a limit of %s bytes is negative", bytes);
    memlockBytes = bytes;
  }

  /** Returns whether the process has CAP_IPC_LOCK, for which the limit does not hold. */
  public boolean isIpcLockCapable() {
    return ipcLock;
  }

  /** Gives or takes CAP_IPC_LOCK. */
  public void setIpcLockCapable(boolean capable) {
    ipcLock = capable;
  }

  /** Ends the process: its memory goes, but for what is pinned. */
  public void exit() {
    exited = true;
    memory.exit();
  }

  /** Returns whether the process has ended. */
  public boolean hasExited() {
    return exited;
  }

  @Override
  public String toString() {
    return name;
  }
}

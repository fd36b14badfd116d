package org.iommu4j.base;

/**
 * The kernel's error numbers, negative as its functions return them.
 *
 * <p>Source: {@code include/uapi/asm-generic/errno-base.h}, {@code errno.h}.
 */
public final class Errno {
  /** Operation not permitted. */
  public static final int EPERM = -1;

  /** No such file or directory. */
  public static final int ENOENT = -2;

  /** Input/output error. */
  public static final int EIO = -5;

  /** No such device or address. */
  public static final int ENXIO = -6;

  /** Argument list too long. */
  public static final int E2BIG = -7;

  /** Out of memory. */
  public static final int ENOMEM = -12;

  /** Permission denied. */
  public static final int EACCES = -13;

  /** Bad address. */
  public static final int EFAULT = -14;

  /** Device or resource busy. */
  public static final int EBUSY = -16;

  /** File exists. */
  public static final int EEXIST = -17;

  /** No such device. */
  public static final int ENODEV = -19;

  /** Invalid argument. */
  public static final int EINVAL = -22;

  /** Inappropriate I/O control operation. */
  public static final int ENOTTY = -25;

  /** No space left on device. */
  public static final int ENOSPC = -28;

  /** Function not implemented. */
  public static final int ENOSYS = -38;

  /** Operation not supported. */
  public static final int EOPNOTSUPP = -95;

  private Errno() {}
}

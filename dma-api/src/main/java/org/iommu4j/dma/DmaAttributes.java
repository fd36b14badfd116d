package org.iommu4j.dma;

/**
 * The attributes of a mapping, bits of an {@code int} that are or-ed together.
 *
 * <p>Source: {@code include/linux/dma-mapping.h:DMA_ATTR_*}.
 */
public final class DmaAttributes {
  /** No attribute. */
  public static final int NONE = 0;

  /** Reads and writes may be weakly ordered. */
  public static final int WEAK_ORDERING = 1 << 1;

  /** Writes may be combined. */
  public static final int WRITE_COMBINE = 1 << 2;

  /** The driver needs no address of its own for the buffer. */
  public static final int NO_KERNEL_MAPPING = 1 << 4;

  /** The buffer is not to be copied or flushed for the CPU on this call. */
  public static final int SKIP_CPU_SYNC = 1 << 5;

  /** The buffer must be contiguous in memory. */
  public static final int FORCE_CONTIGUOUS = 1 << 6;

  /** Small pages are good enough. */
  public static final int ALLOC_SINGLE_PAGES = 1 << 7;

  /** A failure is not reported in the log. */
  public static final int NO_WARN = 1 << 8;

  /** The mapping is for privileged accesses only. */
  public static final int PRIVILEGED = 1 << 9;

  private DmaAttributes() {}
}

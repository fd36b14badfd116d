package org.iommu4j.vtd.driver;

import java.lang.reflect.Field;
import java.util.Arrays;
import org.iommu4j.dma.Device;

/**
 * Stands in the hardware's place and counts, so that a benchmark times the driver alone.
 *
 * <p>The numbers of the kernel's own code, beside which the benchmarks are laid, were had in the
 * same way. Threads count in lines of their own; the count is exact if few threads count.
 */
public final class CountedInvalidation implements Invalidation {
  private static final int LINES = 16;
  private static final int LINE_WORDS = 16;

  private final long[] counts = new long[(LINES + 1) * LINE_WORDS];

  private CountedInvalidation() {}

  /** Puts a counter in place of the invalidation of the unit that a device is under. */
  public static CountedInvalidation install(Device device) {
    Attachment attachment = Attachment.of(device);
    if (attachment == null) {
      throw new IllegalArgumentException(device + " is under no unit");
    }
    CountedInvalidation counter = new CountedInvalidation();
    try {
      Field field = VtdUnit.class.getDeclaredField("invalidation");
      field.setAccessible(true);
      field.set(attachment.unit(), counter);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
    return counter;
  }

  /** Returns how often the hardware would have been asked. */
  public long count() {
    return Arrays.stream(counts).sum();
  }

  private void increment() {
    int line = (int) Thread.currentThread().getId() & (LINES - 1);
    counts[(line + 1) * LINE_WORDS]++;
  }

  @Override
  public void contexts(int granularity, int domainId, int sourceId) {
    increment();
  }

  @Override
  public void iotlb(int granularity, int domainId, long iova, int addressMask, boolean leavesOnly) {
    increment();
  }
}

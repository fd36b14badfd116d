package org.iommu4j.vfio.uapi;

/**
 * The parameters of the module {@code vfio_iommu_type1}, which root changes at any time in {@code
 * /sys/module/vfio_iommu_type1/parameters}. Thread-safe.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c}.
 */
public final class Type1Parameters {
  private static final int DEFAULT_DMA_ENTRY_LIMIT = 65535;

  private volatile boolean allowUnsafeInterrupts;
  private volatile boolean disableHugepages;
  private volatile int dmaEntryLimit = DEFAULT_DMA_ENTRY_LIMIT;

  /** Makes the parameters as they are when nobody gives any. */
  public Type1Parameters() {}

  /** Returns whether groups are attached although interrupts are not remapped. */
  public boolean allowUnsafeInterrupts() {
    return allowUnsafeInterrupts;
  }

  /** Says whether groups are attached although interrupts are not remapped. */
  public void setAllowUnsafeInterrupts(boolean allow) {
    allowUnsafeInterrupts = allow;
  }

  /** Returns whether each page is mapped for itself, so that no superpages are made. */
  public boolean disableHugepages() {
    return disableHugepages;
  }

  /** Says whether each page is mapped for itself. */
  public void setDisableHugepages(boolean disable) {
    disableHugepages = disable;
  }

  /** Returns how many mappings a container takes that gets its IOMMU from now on. */
  public int dmaEntryLimit() {
    return dmaEntryLimit;
  }

  /** Sets how many mappings a container takes that gets its IOMMU from now on; unsigned. */
  public void setDmaEntryLimit(int limit) {
    dmaEntryLimit = limit;
  }
}

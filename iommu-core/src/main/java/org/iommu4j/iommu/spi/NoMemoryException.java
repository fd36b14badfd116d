package org.iommu4j.iommu.spi;

/**
 * Thrown where a machine has no memory for what its kernel cannot run without, such as the tables
 * of an IOMMU. Callers of the DMA API never see it: what they ask for fails with a return value.
 */
public final class NoMemoryException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param what what the memory was for
   */
  public NoMemoryException(String what) {
    super("the machine's memory (proc/iomem) is too small for " + what);
  }
}

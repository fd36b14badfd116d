package org.iommu4j.vfio.type1;

import org.iommu4j.base.Release;

/**
 * What releases of Linux differ in when a range is mapped or unmapped. Immutable.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_map}, {@code vfio_dma_do_unmap} of
 * Linux 5.10 and 6.1.
 *
 * @param takesAll whether a caller can ask for all mappings at once
 * @param movesMemory whether a mapping's address in the process can be exchanged
 * @param ownOnly whether the mappings of other processes stay
 * @param inOrder whether mappings go from the lowest address on, and not as the tree shows them
 */
record Type1Rules(boolean takesAll, boolean movesMemory, boolean ownOnly, boolean inOrder) {
  private static final Type1Rules LINUX_5_10 = new Type1Rules(false, false, true, false);
  private static final Type1Rules LINUX_6_1 = new Type1Rules(true, true, false, true);

  /** Returns a release's rules; {@link IllegalArgumentException} if they are not known. */
  static Type1Rules of(Release release) {
    if (release.isSameSeries(Release.LINUX_5_10)) {
      return LINUX_5_10;
    }
    if (release.isSameSeries(Release.LINUX_6_1)) {
      return LINUX_6_1;
    }
    throw new IllegalArgumentException(
        "VFIO is known as Linux 5.10 and 6.1 have it, and not as " + release);
  }
}

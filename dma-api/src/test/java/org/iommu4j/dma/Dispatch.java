package org.iommu4j.dma;

import org.iommu4j.dma.DispatchRules.FreeBlocks;
import org.iommu4j.dma.DispatchRules.ListErrors;
import org.iommu4j.dma.DispatchRules.Resources;
import org.iommu4j.dma.DispatchRules.Syncing;

/** Rules that tests need. */
final class Dispatch {
  /** Those with the least that a release does. */
  static final DispatchRules PLAIN =
      new DispatchRules(Resources.NO_MEMORY, ListErrors.UNTOLD, Syncing.ASKED, FreeBlocks.PAGEWISE);

  private Dispatch() {}
}

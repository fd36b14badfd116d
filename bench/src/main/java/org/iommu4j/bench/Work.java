package org.iommu4j.bench;

/** What a row repeats. */
interface Work {
  /** Does it once; returns something that depends on it, so that it cannot be left out. */
  long once();
}

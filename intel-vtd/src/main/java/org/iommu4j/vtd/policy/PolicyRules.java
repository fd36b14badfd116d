package org.iommu4j.vtd.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.policy.params.WordTable;

/**
 * What releases decide, and say, differently while the driver starts.
 *
 * @param words the words of {@code intel_iommu=}
 * @param optInOverrulesIommuOff whether the firmware's opt-in to DMA protection counts for more
 *     than {@code iommu=off}
 * @param strictByCachingMode the log's line where a unit's caching mode makes unmapping strict
 * @param noPasids the log's line of a unit with caching mode that lacks scalable mode
 */
@Immutable
public record PolicyRules(
    WordTable words, boolean optInOverrulesIommuOff, String strictByCachingMode, String noPasids) {
  /** Returns the words of {@code intel_iommu=} that a release has. */
  public static WordTable words(Release release) {
    return IntelWords.TABLE.cutTo(release);
  }
}

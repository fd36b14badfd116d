package org.iommu4j.vtd.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.policy.params.WordTable;

/**
 * What releases decide, and say, differently while the driver starts.
 *
 * @param words the words of {@code intel_iommu=}
 * @param strictByCachingMode the log's line where a unit's caching mode makes unmapping strict
 * @param noPasids the log's line of a unit with caching mode that lacks scalable mode
 */
@Immutable
public record PolicyRules(WordTable words, String strictByCachingMode, String noPasids) {
  /** Returns the rules of a release that prints these lines. */
  public static PolicyRules of(Release release, String strictByCachingMode, String noPasids) {
    return new PolicyRules(IntelWords.TABLE.cutTo(release), strictByCachingMode, noPasids);
  }
}

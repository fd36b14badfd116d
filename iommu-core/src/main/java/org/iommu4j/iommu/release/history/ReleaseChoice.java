package org.iommu4j.iommu.release.history;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Distribution;
import org.iommu4j.base.Release;
import org.iommu4j.base.Since;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;

/**
 * The rules that stand for the release that a machine ran, and how sure it is that they are its
 * own.
 *
 * <p>Rules whose first release is known are those that the machine's release has, whichever release
 * the others are of.
 *
 * @param ran the release that the machine ran
 * @param rules the rules; their release is the one that is modelled
 * @param certainty how sure they are
 * @param dated the rules that are the machine's own release's although the others are of another
 */
@Immutable
public record ReleaseChoice(
    Release ran, KernelRules rules, Certainty certainty, ImmutableSet<String> dated) {
  /** How sure it is that rules are those of a machine's release. */
  public enum Certainty {
    /** The series is modelled, and the build follows its stable updates. */
    EXACT,

    /** Another series is modelled, the nearest one. */
    NEAREST,

    /** Whoever built the kernel chose what to bring back: the number does not tell what it has. */
    OWN_BUILD
  }

  /** Chooses the rules for a release. */
  public static ReleaseChoice of(Release ran) {
    KernelRules nearest = KernelReleases.nearest(ran);
    RuleHistory.Dated dated = RuleHistory.date(nearest, ran);
    return new ReleaseChoice(ran, dated.rules(), certainty(ran, nearest), dated.names());
  }

  /**
   * Returns since when there are the rules whose first release is known, by their names in the
   * rules records, such as {@code quirks.trust}.
   */
  public static ImmutableMap<String, Since> dates() {
    return RuleHistory.dates();
  }

  private static Certainty certainty(Release ran, KernelRules rules) {
    if (!ran.distribution().followsStable()) {
      return Certainty.OWN_BUILD;
    }
    return rules.release().isSameSeries(ran) ? Certainty.EXACT : Certainty.NEAREST;
  }

  /** Returns who built the machine's kernel. */
  public Distribution builder() {
    return ran.distribution();
  }

  /** Returns whether the machine's own series is modelled, whoever built its kernel. */
  public boolean isSeriesModelled() {
    return rules.release().isSameSeries(ran);
  }
}

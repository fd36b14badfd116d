package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.vtd.policy.PolicyRules.Trait;

/**
 * What else decides how a table is read.
 *
 * @param scalableMode whether the command line has {@code intel_iommu=sm_on}
 * @param numa whether the kernel has {@code CONFIG_ACPI_NUMA}
 * @param warned whether detection has used up the once-a-boot warning, see {@link
 *     TableDetection.Result}
 * @param traits what the release does
 */
@Immutable
public record ParseOptions(
    boolean scalableMode, boolean numa, boolean warned, ImmutableSet<Trait> traits) {
  /** Neither scalable mode nor a warning so far, and a distribution's kernel. */
  public static final ParseOptions DEFAULT =
      new ParseOptions(false, true, false, ImmutableSet.of());

  /** Returns these options after a detection. */
  public ParseOptions after(TableDetection.Result detection) {
    return new ParseOptions(scalableMode, numa, detection.warned(), traits);
  }

  /** Returns these options with scalable mode asked for or not. */
  public ParseOptions withScalableMode(boolean asked) {
    return new ParseOptions(asked, numa, warned, traits);
  }

  /** Returns these options in a release. */
  public ParseOptions in(PolicyRules rules) {
    return new ParseOptions(scalableMode, numa, warned, rules.traits());
  }

  boolean does(Trait trait) {
    return traits.contains(trait);
  }
}

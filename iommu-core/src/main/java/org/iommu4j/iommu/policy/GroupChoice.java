package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.OptionalInt;
import org.iommu4j.iommu.decision.Decision;

/**
 * The IOMMU group that a function goes to, and why.
 *
 * @param existing the number of the group that it joins, or empty for a group of its own
 * @param lacking what was found on the way that does not keep its peers apart
 * @param decision the chain of reasons
 */
@Immutable
@SuppressWarnings("Immutable") // OptionalInt is immutable
public record GroupChoice(
    OptionalInt existing, ImmutableList<AcsVerdict> lacking, Decision decision) {
  @Override
  public String toString() {
    return decision.toString();
  }
}

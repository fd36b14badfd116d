package org.iommu4j.iommu.decision;

import com.google.errorprone.annotations.Immutable;

/**
 * What a decision answers: two decisions of one rule, on two boots or for two devices, are answers
 * to one question.
 *
 * <p>Whoever decides has the rule as a constant, and whoever looks for its decisions names that
 * constant. Which function of the kernel has the rule may differ from answer to answer, and is the
 * {@linkplain Decision#source decision's}.
 *
 * @param name a short stable name, such as {@code default-domain-type}
 */
@Immutable
public record Rule(String name) {
  @Override
  public String toString() {
    return name;
  }
}

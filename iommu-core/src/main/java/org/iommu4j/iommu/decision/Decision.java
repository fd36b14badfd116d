package org.iommu4j.iommu.decision;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * One decision of the kernel, printable: which rule, what came out, from which facts, and where the
 * kernel has it.
 *
 * @param rule the question that was asked
 * @param outcome what was decided, in the kernel's terms
 * @param because the facts used, one a line, in the order in which they were looked at
 * @param source the kernel's file and function, {@code drivers/iommu/iommu.c:pci_device_group}
 */
@Immutable
public record Decision(Rule rule, String outcome, ImmutableList<String> because, String source) {
  /** Returns a decision that rests on these facts. */
  public static Decision of(Rule rule, String outcome, String source, String... because) {
    return new Decision(rule, outcome, ImmutableList.copyOf(because), source);
  }

  @Override
  public String toString() {
    return rule.name() + ": " + outcome + " (" + String.join("; ", because) + ") [" + source + "]";
  }
}

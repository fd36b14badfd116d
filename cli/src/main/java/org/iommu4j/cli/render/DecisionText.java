package org.iommu4j.cli.render;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.decision.Decision;

/** A decision as text: rule and outcome, the facts, the source. */
final class DecisionText {
  private DecisionText() {}

  static ImmutableList<String> lines(Decision decision, String indent, Palette palette) {
    ImmutableList.Builder<String> lines = ImmutableList.builder();
    String rule = decision.rule() + ": " + decision.outcome();
    lines.addAll(Page.wrap(indent, indent + "    ", rule));
    decision
        .because()
        .forEach(fact -> lines.addAll(Page.wrap(indent + "  - ", indent + "    ", fact)));
    return lines.add(indent + "  " + palette.faint(decision.source())).build();
  }
}

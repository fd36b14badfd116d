package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;

/**
 * What becomes of the interrupts that devices send.
 *
 * <p>Source: {@code drivers/iommu/irq_remapping.c:irq_remapping_enabled}.
 *
 * @param remapped whether hardware checks and remaps them, so that no device can raise one that is
 *     not its own
 * @param decision why
 */
@Immutable
public record Interrupts(boolean remapped, Decision decision) {
  /** The rule that every vendor's decision has. */
  public static final Rule RULE = new Rule("interrupt-remapping");

  /** The outcome of a decision against it. */
  public static final String NOT_REMAPPED = "interrupts are not remapped";

  /** What holds where no driver was asked. */
  public static final Interrupts NOBODY_ASKED =
      notRemapped(
          "drivers/iommu/irq_remapping.c:irq_remapping_prepare", "no driver has prepared it");

  /** Returns that nobody remaps interrupts, and why. */
  public static Interrupts notRemapped(String source, String because) {
    return new Interrupts(false, Decision.of(RULE, NOT_REMAPPED, source, because));
  }
}

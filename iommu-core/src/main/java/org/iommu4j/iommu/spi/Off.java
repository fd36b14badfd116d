package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Reason;

/**
 * That a vendor's hardware translates nothing on this boot. Immutable.
 *
 * @param why the reason, as a value
 * @param decision the decision that has it
 */
@Immutable
public record Off(Reason why, Decision decision) implements Detection, Initialization {}

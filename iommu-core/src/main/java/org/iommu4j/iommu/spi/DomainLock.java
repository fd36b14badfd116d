package org.iommu4j.iommu.spi;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;

/**
 * Whether a driver keeps a device from all domains but the kernel's own, so that nobody can be
 * handed it: attaching it to a domain of a user's answers -EPERM.
 *
 * @param locked whether it does
 * @param claim what a claim of firmware's on the device's memory is called in the vendor's table
 * @param decision why
 */
@Immutable
public record DomainLock(boolean locked, String claim, Decision decision) {
  private static final Rule RULE = new Rule("domain-lock");

  /** What holds where a driver locks no device. */
  public static final DomainLock FREE =
      new DomainLock(
          false,
          "",
          Decision.of(
              RULE,
              "free",
              "drivers/iommu/iommu.c:__iommu_attach_device",
              "the driver keeps no device to the kernel's own domains"));
}

package org.iommu4j.vfio.release;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.ModuleRules;
import org.iommu4j.vfio.policy.HandoverRules;
import org.iommu4j.vfio.policy.VfioPciRules;
import org.iommu4j.vfio.policy.ViabilityRules;
import org.iommu4j.vfio.type1.Type1Rules;

/**
 * What a release does when devices are handed out, a record for each package that it rules.
 *
 * @param viability who may keep a device of a group that is handed out
 * @param handover what happens when a group changes hands
 * @param pci which functions {@code vfio-pci} takes
 * @param lockedGroup what fails, and how, where a driver or the core locks a device of the group
 * @param type1 how memory is mapped and unmapped
 * @param memlockBytes what a process may lock if nobody says otherwise: {@code
 *     include/uapi/linux/resource.h:MLOCK_LIMIT}
 * @param resetSource the kernel's function that finds out how a device is reset
 */
@Immutable
public record VfioRules(
    ViabilityRules viability,
    HandoverRules handover,
    VfioPciRules pci,
    String lockedGroup,
    Type1Rules type1,
    long memlockBytes,
    String resetSource)
    implements ModuleRules {
  /**
   * Returns what VFIO does in a kernel: what its rules say of VFIO, else what its release does.
   *
   * @throws IllegalArgumentException if neither is known
   */
  public static VfioRules of(KernelRules kernel) {
    return kernel.of(VfioRules.class).orElseGet(() -> VfioReleases.rules(kernel.release()));
  }
}

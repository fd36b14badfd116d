package org.iommu4j.vfio.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;

/**
 * Whether a group may be handed out on this platform as far as interrupts go: without remapping, a
 * device in a user's hands can send any interrupt by a plain write.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_attach_group}; from 6.3 on
 * {@code drivers/iommu/iommu.c:iommu_group_has_isolated_msi}.
 */
public final class InterruptPolicy {
  private static final Rule RULE = new Rule("interrupt-isolation");
  private static final String LINE =
      "vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param"
          + " \"allow_unsafe_interrupts\" to enable VFIO IOMMU support on this platform";

  private InterruptPolicy() {}

  /**
   * Decides for a platform.
   *
   * @param remapping whether interrupts of devices are remapped
   * @param allowUnsafe the module's parameter {@code allow_unsafe_interrupts}
   * @param source the kernel's function that tells
   */
  public static Interrupts decide(boolean remapping, boolean allowUnsafe, String source) {
    String fact = remapping ? "interrupts are remapped" : "interrupts are not remapped";
    String parameter = "vfio_iommu_type1.allow_unsafe_interrupts=" + (allowUnsafe ? "Y" : "N");
    boolean allowed = remapping || allowUnsafe;
    Decision decision = Decision.of(RULE, allowed ? "allowed" : "refused", source, fact, parameter);
    return new Interrupts(
        allowed ? 0 : Errno.EPERM, allowed ? ImmutableList.of() : ImmutableList.of(LINE), decision);
  }

  /**
   * Whether interrupts stand in the way.
   *
   * @param error 0 if not, or a negative error number
   * @param log the kernel's lines
   * @param decision the reason
   */
  @Immutable
  public record Interrupts(int error, ImmutableList<String> log, Decision decision) {
    /** Returns whether the group may be handed out. */
    public boolean isAllowed() {
      return error == 0;
    }
  }
}

package org.iommu4j.vfio.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Whether {@code vfio-pci} takes a function that it is asked to bind to.
 *
 * <p>Source: {@code drivers/vfio/pci/vfio_pci.c:vfio_pci_probe}; of 6.1 also {@code
 * drivers/vfio/pci/vfio_pci_core.c:vfio_pci_core_register_device}.
 */
public final class VfioPciProbePolicy {
  private static final Rule RULE = new Rule("vfio-pci-probe");
  private static final String LIST = "drivers/vfio/pci/vfio_pci.c:vfio_pci_dev_in_denylist";
  private static final int INTEL = 0x8086;

  private VfioPciProbePolicy() {}

  /**
   * Decides for a function.
   *
   * @param surroundings what the IOMMU is to it
   * @param virtualFunctions how many virtual functions it has enabled
   * @param disableDenylist the module's parameter {@code disable_denylist}
   * @param rules what the release does
   */
  public static Probe decide(
      PciDevice device,
      Surroundings surroundings,
      int virtualFunctions,
      boolean disableDenylist,
      VfioPciRules rules) {
    ImmutableList.Builder<String> log = ImmutableList.builder();
    String id = String.format("%04x:%04x", device.vendorId(), device.deviceId());
    if (device.vendorId() == INTEL && rules.denied().contains(device.deviceId())) {
      if (!disableDenylist) {
        log.add(id + " exists in vfio-pci device denylist, driver probing disallowed.");
        return refused(
            Errno.EINVAL, log, LIST, device + " is of a kind known not to be safe: " + id);
      }
      log.add("device denylist disabled - allowing device " + id + ".");
    }
    return ofFunction(device, surroundings, virtualFunctions, log, rules);
  }

  private static Probe ofFunction(
      PciDevice device,
      Surroundings surroundings,
      int virtualFunctions,
      ImmutableList.Builder<String> log,
      VfioPciRules rules) {
    if (device.headerType() != 0) {
      return refused(Errno.EINVAL, log, rules.source(), device + " is a bridge");
    }
    if (virtualFunctions > 0) {
      log.add("Cannot bind to PF with SR-IOV enabled");
      String because = device + " has virtual functions: " + virtualFunctions;
      return refused(Errno.EBUSY, log, rules.source(), because);
    }
    if (surroundings == Surroundings.NO_GROUP) {
      return refused(Errno.EINVAL, log, rules.groupSource(), device + " is in no IOMMU group");
    }
    if (surroundings == Surroundings.NOT_COHERENT && rules.needsCoherency()) {
      String because = "the IOMMU does not see the CPUs' caches";
      return refused(Errno.EINVAL, log, rules.groupSource(), because);
    }
    Decision taken = Decision.of(RULE, "bound", rules.source(), device + " is an endpoint");
    return new Probe(0, log.build(), taken);
  }

  private static Probe refused(
      int errno, ImmutableList.Builder<String> log, String source, String because) {
    Decision decision = Decision.of(RULE, "refused", source, because);
    return new Probe(errno, log.build(), decision);
  }

  /** What the IOMMU is to a function. */
  public enum Surroundings {
    /** The function is in no group. */
    NO_GROUP,
    /** It is in a group, and its IOMMU does not see the CPUs' caches. */
    NOT_COHERENT,
    /** It is in a group, and its IOMMU sees the CPUs' caches. */
    COHERENT
  }

  /**
   * What became of the probe.
   *
   * @param error 0 if the function was taken, or a negative error number
   * @param log the kernel's lines about the function, without its name
   * @param decision the reason
   */
  @Immutable
  public record Probe(int error, ImmutableList<String> log, Decision decision) {
    /** Returns whether the function was taken. */
    public boolean isBound() {
      return error == 0;
    }
  }
}

package org.iommu4j.vfio.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.IdSet;

/**
 * Whether {@code vfio-pci} takes a function that it is asked to bind to.
 *
 * <p>Source: {@code drivers/vfio/pci/vfio_pci.c:vfio_pci_probe}.
 */
public final class VfioPciProbePolicy {
  private static final Rule RULE = new Rule("vfio-pci-probe");
  private static final String SOURCE = "drivers/vfio/pci/vfio_pci.c:vfio_pci_probe";
  private static final String LIST = "drivers/vfio/pci/vfio_pci.c:vfio_pci_dev_in_denylist";
  private static final int INTEL = 0x8086;

  /** QuickAssist: C3xxx, C62x and DH895xCC, physical and virtual functions. */
  private static final IdSet DENIED = IdSet.of("0435 0443 19e2 19e3 37c8 37c9");

  private VfioPciProbePolicy() {}

  /**
   * Decides for a function.
   *
   * @param hasGroup whether it is in an IOMMU group
   * @param virtualFunctions how many virtual functions it has enabled
   * @param disableDenylist the module's parameter {@code disable_denylist}
   */
  public static Probe decide(
      PciDevice device, boolean hasGroup, int virtualFunctions, boolean disableDenylist) {
    ImmutableList.Builder<String> log = ImmutableList.builder();
    String id = String.format("%04x:%04x", device.vendorId(), device.deviceId());
    if (device.vendorId() == INTEL && DENIED.contains(device.deviceId())) {
      if (!disableDenylist) {
        log.add(id + " exists in vfio-pci device denylist, driver probing disallowed.");
        return refused(
            Errno.EINVAL, log, LIST, device + " is of a kind known not to be safe: " + id);
      }
      log.add("device denylist disabled - allowing device " + id + ".");
    }
    if (device.headerType() != 0) {
      return refused(Errno.EINVAL, log, SOURCE, device + " is a bridge");
    }
    if (virtualFunctions > 0) {
      log.add("Cannot bind to PF with SR-IOV enabled");
      return refused(
          Errno.EBUSY, log, SOURCE, device + " has virtual functions: " + virtualFunctions);
    }
    if (!hasGroup) {
      return refused(Errno.EINVAL, log, SOURCE, device + " is in no IOMMU group");
    }
    Decision taken = Decision.of(RULE, "bound", SOURCE, device + " is an endpoint");
    return new Probe(0, log.build(), taken);
  }

  private static Probe refused(
      int errno, ImmutableList.Builder<String> log, String source, String because) {
    Decision decision = Decision.of(RULE, "refused", source, because);
    return new Probe(errno, log.build(), decision);
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

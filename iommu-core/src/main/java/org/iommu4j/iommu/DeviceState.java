package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.AcsVerdict;
import org.iommu4j.iommu.policy.GroupChoice;
import org.iommu4j.iommu.spi.OpsChoice;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/** What is known of one device while a machine boots. Not thread-safe. */
final class DeviceState {
  private final PciDevice pci;
  private final Device device;
  private final List<Decision> decisions = new ArrayList<>();
  private @Nullable IommuGroup group;
  private ImmutableList<AcsVerdict> lacking = ImmutableList.of();
  private String summary = "";
  private boolean dmaIommu;

  DeviceState(PciDevice pci) {
    this.pci = pci;
    this.device = new Device(pci.address().toString());
  }

  PciDevice pci() {
    return pci;
  }

  Device device() {
    return device;
  }

  @Nullable IommuGroup group() {
    return group;
  }

  void join(IommuGroup joined) {
    joined.add(pci);
    group = joined;
  }

  void decide(GroupChoice choice) {
    decide(choice.decision());
    lacking = choice.lacking();
  }

  void neverProbed() {
    leave();
    summary = "the kernel stops before devices are probed";
  }

  void leave() {
    group = null;
    device.setDmaOps(null);
    dmaIommu = false;
  }

  void decide(OpsChoice choice) {
    decide(choice.decision());
    device.setDmaOps(choice.ops());
    dmaIommu = choice.dmaIommu();
  }

  /** Returns whether the core is to make the device's operations on top of its domain. */
  boolean dmaIommu() {
    return dmaIommu;
  }

  void decide(Decision decision) {
    decisions.add(decision);
  }

  ImmutableList<Decision> decisions() {
    return ImmutableList.copyOf(decisions);
  }

  /** Returns what did not keep its peers apart where the device's group was looked for. */
  ImmutableList<AcsVerdict> lacking() {
    return lacking;
  }

  String summary() {
    return summary;
  }

  void summarize(String words) {
    summary = words;
  }
}

package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.pci.DriverBinding;
import org.iommu4j.machine.pci.PciBus;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vfio.assign.ResetMethods.Reset;
import org.iommu4j.vfio.policy.VfioPciProbePolicy;
import org.iommu4j.vfio.policy.VfioPciProbePolicy.Surroundings;

/** Whether {@code vfio-pci} takes the function, and how it gets it. */
final class BindingFindings {
  /** What a function has for an id that its capture does not tell; nobody has it for one. */
  private static final int UNKNOWN_ID = 0xffff;

  private static final Rule DRIVER = new Rule("driver");
  private static final Rule SRIOV = new Rule("sriov");
  private static final Rule PLATFORM_FUNCTION = new Rule("platform-function");
  private static final String PROBE = "drivers/vfio/pci/vfio_pci.c:vfio_pci_probe";
  private static final String MATCH = "drivers/pci/pci-driver.c:pci_match_device";
  private static final String SYSFS = "/sys/bus/pci/devices/";
  private static final int BASE_CLASS_BRIDGE = 0x06;
  private static final int CAPABILITY_SRIOV = 0x10;

  private BindingFindings() {}

  static void addProbe(Candidate candidate, List<Finding> findings) {
    PciDevice pci = candidate.pci();
    List<PciDevice> virtual = virtualFunctions(candidate);
    VfioPciProbePolicy.Probe probe =
        VfioPciProbePolicy.decide(
            pci,
            Surroundings.COHERENT,
            virtual.size(),
            candidate.isFlagSet("vfio_pci.disable_denylist"),
            candidate.rules().pci());
    if (!probe.isBound()) {
      String because = String.join("; ", probe.decision().because());
      findings.add(
          Finding.obstacle(
              "vfio-pci does not take it: " + because,
              refusedFixes(candidate, virtual),
              probe.decision()));
    } else if (pci.classCode() >>> 16 == BASE_CLASS_BRIDGE) {
      findings.add(
          Finding.obstacle(
              "It is a part of the platform that the host runs on, though vfio-pci would take it",
              ImmutableList.of(),
              Decision.of(
                  PLATFORM_FUNCTION, "stays with the host", PROBE, pci + " has header type 0")));
    }
    if (pci.isVirtualFunction()) {
      findings.add(
          Finding.note(
              "It is a virtual function: "
                  + pci.physicalFunction()
                  + " stays with its driver on the host, which made it",
              Decision.of(SRIOV, "virtual function", PROBE, pci + " has a physical function")));
    } else if (virtual.isEmpty() && pci.config().findExtendedCapability(CAPABILITY_SRIOV) != 0) {
      findings.add(
          Finding.note(
              "It can make virtual functions (SR-IOV), which can be handed out one by one",
              Decision.of(SRIOV, "physical function", PROBE, pci + " has the SR-IOV capability")));
    }
  }

  private static List<PciDevice> virtualFunctions(Candidate candidate) {
    return candidate.machine().pci().devices().stream()
        .filter(PciDevice::isVirtualFunction)
        .filter(device -> device.physicalFunction() == candidate.pci())
        .toList();
  }

  private static ImmutableList<String> refusedFixes(Candidate candidate, List<PciDevice> virtual) {
    PciDevice pci = candidate.pci();
    PciBus behind = pci.subordinate();
    if (pci.headerType() != 0) {
      return behind == null || behind.devices().isEmpty()
          ? ImmutableList.of()
          : ImmutableList.of(
              "a bridge stays with the host; hand out what is behind it: "
                  + String.join(", ", behind.devices().stream().map(PciDevice::toString).toList()));
    }
    if (!virtual.isEmpty()) {
      return ImmutableList.of(
          "hand out its virtual functions: "
              + String.join(", ", virtual.stream().map(PciDevice::toString).toList()),
          "or take them away first: echo 0 > " + SYSFS + pci + "/sriov_numvfs");
    }
    return ImmutableList.of(
        "vfio-pci.disable_denylist=1 makes it take the device all the same; it is on the list"
            + " because its users can harm the host");
  }

  static void addReset(Candidate candidate, List<Finding> findings) {
    Reset reset = ResetMethods.decide(candidate.pci(), candidate.rules().resetSource());
    Decision decision = reset.decision();
    switch (reset.method()) {
      case NONE ->
          findings.add(
              Finding.warning(
                  "It cannot be reset alone: what a guest leaves in it stays, and it may not start a"
                      + " second time without a reboot of the host",
                  decision));
      case UNKNOWN -> findings.add(Finding.note("Whether it can be reset is not known", decision));
      default -> findings.add(Finding.note("It can be reset: " + reset.method().words(), decision));
    }
  }

  static void addBinding(Candidate candidate, List<Finding> findings) {
    PciDevice pci = candidate.pci();
    DriverBinding driver = pci.driver();
    String name = driver.name().orElse("");
    Decision decision =
        Decision.of(DRIVER, driver.toString(), MATCH, "the driver of " + pci + " is " + driver);
    if (candidate.rules().viability().isVfioDriver(name)) {
      findings.add(Finding.note("It is bound to " + name + " already", decision));
      return;
    }
    String text =
        !driver.isKnown()
            ? "Bind it to vfio-pci; which driver it has now is not known"
            : name.isEmpty()
                ? "Bind it to vfio-pci; it has no driver now"
                : "Take it from " + name + ", which uses it for the host, and bind it to vfio-pci";
    findings.add(
        new Finding(
            Finding.Kind.STEP,
            text,
            commands(candidate, name.isEmpty()),
            ImmutableList.of(decision)));
  }

  private static ImmutableList<String> commands(Candidate candidate, boolean unbound) {
    PciDevice pci = candidate.pci();
    boolean maybeBound = !unbound || !pci.driver().isKnown();
    List<String> lines = new ArrayList<>();
    lines.add("driverctl set-override " + pci + " vfio-pci");
    lines.add("or, without driverctl:");
    lines.add("modprobe vfio-pci");
    lines.add("echo vfio-pci > " + SYSFS + pci + "/driver_override");
    if (maybeBound) {
      lines.add("echo " + pci + " > " + SYSFS + pci + "/driver/unbind");
    }
    lines.add("echo " + pci + " > /sys/bus/pci/drivers_probe");
    if (pci.vendorId() != UNKNOWN_ID) {
      lines.add(fromBootOn(candidate));
    }
    return ImmutableList.copyOf(lines);
  }

  private static String fromBootOn(Candidate candidate) {
    PciDevice pci = candidate.pci();
    List<String> alike =
        candidate.machine().pci().devices().stream()
            .filter(other -> other != pci)
            .filter(o -> o.vendorId() == pci.vendorId() && o.deviceId() == pci.deviceId())
            .map(PciDevice::toString)
            .toList();
    return String.format(
        "or from boot on, before any other driver is loaded: vfio-pci.ids=%04x:%04x%s",
        pci.vendorId(),
        pci.deviceId(),
        alike.isEmpty() ? "" : ", which takes " + String.join(", ", alike) + " as well");
  }
}

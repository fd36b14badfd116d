package org.iommu4j.evidence.fault;

import static org.iommu4j.evidence.fault.FaultCauses.hex;

import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.machine.pci.DriverBinding;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciResource;
import org.jspecify.annotations.Nullable;

/** What the machine says about causes. Used once. */
final class SceneEvidence {
  private final FaultScene scene;
  private final Evidence evidence;
  private final @Nullable PciAddress requester;
  private final @Nullable Long address;

  SceneEvidence(FaultMessage fault, FaultScene scene, Evidence evidence) {
    this.scene = scene;
    this.evidence = evidence;
    this.requester = fault.requester();
    this.address = fault.address();
  }

  void add() {
    if (requester != null) {
      addRequester(requester);
    }
    if (address != null && !LineEvidence.isNextToZero(address)) {
      addRegions(address);
      addMemory(address);
      addPeers(address);
    }
  }

  private void addRequester(PciAddress id) {
    ImmutableList<PciDevice> senders = scene.sentBy(id);
    Optional<PciDevice> function = scene.function(id);
    if (!senders.isEmpty()) {
      evidence.speaksFor(
          CauseKind.ANOTHER_REQUESTER,
          id
              + " is also the id of what comes from "
              + senders.stream()
                  .limit(4)
                  .map(PciDevice::toString)
                  .collect(Collectors.joining(", ")));
    } else if (function.isEmpty()) {
      evidence.speaksFor(CauseKind.ANOTHER_REQUESTER, "the machine has no function " + id);
    } else if (function.get().headerType() == 0) {
      evidence.speaksAgainst(
          CauseKind.ANOTHER_REQUESTER, id + " is an endpoint, and nothing else uses its id");
    }
    function.ifPresent(this::addDriver);
    scene.decided(id).ifPresent(this::addDecided);
  }

  private void addDriver(PciDevice device) {
    DriverBinding driver = device.driver();
    if (!driver.isKnown()) {
      return;
    }
    String name = driver.name().orElse("");
    if (name.isEmpty()) {
      evidence.speaksFor(CauseKind.LEFT_RUNNING, "no driver is bound to " + device);
      evidence.speaksAgainst(
          CauseKind.USED_AFTER_UNMAP, "no driver is bound to " + device + " that could unmap");
    } else if (name.startsWith("vfio")) {
      evidence.speaksFor(CauseKind.GUEST, device + " is bound to " + name);
    } else {
      evidence.speaksAgainst(CauseKind.LEFT_RUNNING, name + " drives " + device);
    }
  }

  private void addDecided(DeviceReport device) {
    if (device.group() == null && scene.report().iommu().enabled()) {
      evidence.speaksFor(
          CauseKind.NOT_COVERED,
          device.address() + " has no unit on this machine: " + device.summary());
    } else if (device.group() != null) {
      evidence.speaksAgainst(CauseKind.NOT_COVERED, "a unit covers " + device.address());
    }
    if (device.domainType() == DomainType.IDENTITY) {
      evidence.speaksAgainst(
          CauseKind.USED_AFTER_UNMAP,
          "its domain is the identity domain: nothing is ever unmapped");
    } else if (device.domainType() == DomainType.DMA && !scene.report().iommu().strict()) {
      evidence.speaksFor(
          CauseKind.USED_AFTER_UNMAP,
          "unmapping is lazy: what is used a little too late still works, up to 10 ms, and only then"
              + " faults");
    }
  }

  private void addMemory(long iova) {
    Optional<AddressRange> range =
        scene.machine().memory().ranges().stream()
            .filter(found -> found.last() != 0 && found.contains(iova))
            .min(Comparator.comparingLong(found -> found.last() - found.first()));
    if (range.isEmpty()) {
      return;
    }
    boolean ram = scene.machine().memory().ram().stream().anyMatch(found -> found.contains(iova));
    if (ram) {
      evidence.speaksFor(
          CauseKind.NEVER_MAPPED,
          hex(iova) + " as a physical address is " + MemoryMap.SYSTEM_RAM + " here");
      if (evidence.speaksFor(CauseKind.FIRMWARE_MEMORY).isEmpty()) {
        evidence.speaksAgainst(
            CauseKind.FIRMWARE_MEMORY, hex(iova) + " is memory of the kernel's, not of firmware's");
      }
    } else if (isFirmwares(range.get().name())) {
      evidence.speaksFor(
          CauseKind.FIRMWARE_MEMORY,
          hex(iova) + " as a physical address is firmware's: " + range.get());
    }
  }

  private static boolean isFirmwares(String name) {
    return name.equalsIgnoreCase(MemoryMap.RESERVED) || name.startsWith("ACPI");
  }

  private void addPeers(long iova) {
    for (PciDevice device : scene.machine().pci().devices()) {
      for (PciResource resource : device.resources()) {
        boolean bar = device.headerType() == 0 && resource.isMemory();
        if (bar && iova >= resource.start() && iova <= resource.end()) {
          evidence.speaksFor(
              CauseKind.PEER,
              String.format("%s decodes 0x%x to 0x%x", device, resource.start(), resource.end()));
        }
      }
    }
  }

  private void addRegions(long iova) {
    for (GroupReport group : scene.report().groups()) {
      boolean own = requester != null && group.devices().contains(requester);
      for (ReservedRegion region : group.reservedRegions()) {
        if (!region.type().isDirect() || !contains(region, iova)) {
          continue;
        }
        String range = String.format("0x%x to 0x%x", region.first(), region.last());
        if (own) {
          evidence.speaksAgainst(
              CauseKind.FIRMWARE_MEMORY, range + " is mapped one to one for the requester's group");
        } else {
          evidence.speaksFor(
              CauseKind.FIRMWARE_MEMORY,
              range + " is reserved for " + group.devices().get(0) + ", not for the requester");
        }
      }
    }
  }

  private static boolean contains(ReservedRegion region, long iova) {
    return Long.compareUnsigned(region.first(), iova) <= 0
        && Long.compareUnsigned(iova, region.last()) <= 0;
  }
}

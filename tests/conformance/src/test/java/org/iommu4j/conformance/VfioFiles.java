package org.iommu4j.conformance;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.testkit.devices.EduDevice;
import org.iommu4j.vfio.OpenResult;
import org.iommu4j.vfio.Vfio;
import org.iommu4j.vfio.VfioContainer;
import org.iommu4j.vfio.VfioDevice;
import org.iommu4j.vfio.VfioGroup;

/** The files that a VFIO script has open, by the names that it gave them. */
final class VfioFiles {
  private final Vfio vfio;
  private final Map<String, Object> files = new HashMap<>();
  private final Map<PciAddress, EduDevice> engines = new HashMap<>();

  VfioFiles(Vfio vfio) {
    this.vfio = vfio;
  }

  VfioContainer container(String name) {
    return find(name, VfioContainer.class);
  }

  boolean isOpen(String name) {
    return files.containsKey(name);
  }

  private <F> F find(String name, Class<F> kind) {
    return kind.cast(Objects.requireNonNull(files.get(name), () -> name + " is not open"));
  }

  /** Answers a command about files. */
  String answer(List<String> w) {
    String name = w.get(1);
    return switch (w.get(0)) {
      case "container" -> keep(name, new OpenResult<>(0, vfio.openContainer()));
      case "group" -> keep(name, vfio.openGroupOf(PciAddress.parse(w.get(2)).orElseThrow()));
      case "device" -> device(name, w.get(2), w.get(3));
      case "set" -> set(name, w.get(2));
      case "unset" -> "ret=" + find(name, VfioGroup.class).unsetContainer();
      case "ioctl" -> "ret=" + unknownIoctl(name);
      case "status" -> VfioScript.status(find(name, VfioGroup.class));
      case "close" -> close(name);
      case "enable" -> "ret=0"; // the model's devices are always bus masters
      case "edu" -> edu(find(name, VfioDevice.class), w);
      default -> throw new AssertionError("unknown command " + w);
    };
  }

  private int unknownIoctl(String name) {
    return files.get(name) instanceof VfioGroup group
        ? group.unknownIoctl()
        : container(name).unknownIoctl();
  }

  private String keep(String name, OpenResult<?> opened) {
    if (opened.error() == 0) {
      files.put(name, Objects.requireNonNull(opened.file()));
    }
    return "ret=" + opened.error();
  }

  private String device(String name, String group, String address) {
    Optional<PciAddress> parsed = PciAddress.parse(address);
    return parsed.isEmpty()
        ? "ret=" + Errno.ENODEV
        : keep(name, find(group, VfioGroup.class).openDevice(parsed.get()));
  }

  private String set(String group, String container) {
    return files.get(container) instanceof VfioContainer to
        ? "ret=" + find(group, VfioGroup.class).setContainer(to)
        : "ret=" + Errno.EINVAL; // the kernel looks whether the file is a container
  }

  private String close(String name) {
    Object file = files.remove(name);
    if (file instanceof VfioGroup group) {
      group.close();
    } else if (file instanceof VfioDevice device) {
      device.close();
    }
    return "ret=0";
  }

  private String edu(VfioDevice device, List<String> w) {
    EduDevice edu =
        engines.computeIfAbsent(device.address(), address -> new EduDevice(device.busMaster()));
    boolean toMemory = w.get(2).equals("w");
    long iova = Long.decode(w.get(3));
    edu.write(EduDevice.DMA_SOURCE, toMemory ? EduDevice.BUFFER : iova);
    edu.write(EduDevice.DMA_DESTINATION, toMemory ? iova : EduDevice.BUFFER);
    edu.write(EduDevice.DMA_COUNT, Long.decode(w.get(4)));
    edu.write(EduDevice.DMA_COMMAND, EduDevice.START | (toMemory ? EduDevice.TO_MEMORY : 0));
    return "done";
  }
}

package org.iommu4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vfio.Vfio;
import org.iommu4j.vfio.VfioContainer;
import org.iommu4j.vfio.VfioDevice;
import org.iommu4j.vfio.VfioGroup;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.uapi.IommuType;

/** A device of a server that was handed to a process, with the files that are open for it. */
final class HandedOut implements AutoCloseable {
  final Vfio vfio;
  final UserProcess process;
  final VfioContainer container;
  final VfioGroup group;
  final VfioDevice device;

  HandedOut(String bdf, String processName) {
    Path top = DriversDocTest.top();
    // doc: handing
    Machine machine = MachineReader.read(top.resolve("machines/server-switch.tar.gz"));
    PciAddress address = PciAddress.parse(bdf).orElseThrow();
    vfio = new Vfio(machine, LinuxSystem.boot(machine));
    vfio.drivers().setDriverOverride(address, "vfio-pci");
    assertEquals(0, vfio.drivers().bind(address, "vfio-pci"));

    container = vfio.openContainer();
    group = vfio.openGroupOf(address).orThrow();
    assertEquals(0, group.setContainer(container));
    assertEquals(0, container.setIommu(IommuType.TYPE1_V2));
    device = group.openDevice(address).orThrow();
    // doc: end
    process = vfio.startProcess(processName);
    process.setMemlockBytes(64 << 20);
  }

  @Override
  public void close() {
    device.close();
    group.close();
  }
}

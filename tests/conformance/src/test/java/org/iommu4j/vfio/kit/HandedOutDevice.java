package org.iommu4j.vfio.kit;

import com.google.common.collect.ImmutableList;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.vfio.Vfio;
import org.iommu4j.vfio.VfioContainer;
import org.iommu4j.vfio.VfioGroup;
import org.iommu4j.vfio.process.UserProcess;

/** The kit's machine with its device in the hands of a process. */
final class HandedOutDevice implements AutoCloseable {
  final Vfio vfio;
  final VfioContainer container;
  final VfioGroup group;
  final UserProcess process;
  final BusMaster bus;

  HandedOutDevice(VendorFixture fixture, int iommuType) {
    this(fixture, iommuType, Linux510.RULES);
  }

  HandedOutDevice(VendorFixture fixture, int iommuType, KernelRules rules) {
    MachineBuilder builder = KitMachine.builder(fixture.commandLine());
    fixture.mark(builder);
    Machine machine = builder.build();
    BootOptions options =
        BootOptions.defaults().withVendors(ImmutableList.of(fixture.vendor())).withRules(rules);
    vfio = new Vfio(machine, LinuxSystem.boot(machine, options));
    vfio.type1Parameters().setAllowUnsafeInterrupts(true);
    vfio.drivers().setDriverOverride(KitMachine.DEVICE, "vfio-pci");
    check(vfio.drivers().bind(KitMachine.DEVICE, "vfio-pci"));
    container = vfio.openContainer();
    group = vfio.openGroupOf(KitMachine.DEVICE).orThrow();
    check(group.setContainer(container));
    check(container.setIommu(iommuType));
    process = vfio.startProcess("test");
    process.setMemlockBytes(1 << 30);
    bus = vfio.system().busMaster(KitMachine.DEVICE).orElseThrow();
  }

  static void check(int error) {
    if (error != 0) {
      throw new AssertionError("error " + error);
    }
  }

  /** Returns what the device's domain translates an address to; 0 if to nothing. */
  long translation(long iova) {
    return vfio.system().domain(KitMachine.DEVICE).orElseThrow().iovaToPhys(iova);
  }

  boolean canRead(long iova) {
    return bus.read(iova, new byte[1], 0, 1) == null;
  }

  boolean canWrite(long iova) {
    return bus.write(iova, new byte[1], 0, 1) == null;
  }

  @Override
  public void close() {
    group.close();
  }
}

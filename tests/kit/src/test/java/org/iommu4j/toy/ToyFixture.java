package org.iommu4j.toy;

import java.nio.ByteBuffer;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.VendorFixture;

/** The toy as the kit needs to know it. */
public record ToyFixture() implements VendorFixture {
  @Override
  public IommuVendor vendor() {
    return LinuxSystem.vendors().stream()
        .filter(vendor -> vendor.name().equals("Toy"))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void mark(MachineBuilder machine) {
    ByteBuffer table = ByteBuffer.allocate(24).putLong(KitMachine.OTHER.device());
    table.putLong(KitMachine.DIRECT.first()).putLong(KitMachine.DIRECT.last());
    machine.firmwareTable(new FirmwareTable(ToyVendor.SIGNATURE, "test kit", table.array()));
  }

  @Override
  public String commandLine() {
    return "";
  }

  @Override
  public int pageTableLevels() {
    return 1;
  }

  @Override
  public boolean mapsLargePages() {
    return false;
  }
}

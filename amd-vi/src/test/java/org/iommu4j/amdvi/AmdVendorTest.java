package org.iommu4j.amdvi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.Machine;
import org.junit.jupiter.api.Test;

class AmdVendorTest {
  @Test
  void theVendorIsFound() {
    assertTrue(LinuxSystem.vendors().stream().anyMatch(vendor -> vendor instanceof AmdVendor));
  }

  @Test
  void itSaysNothingOfABootEvenWhereItsTableIs() {
    AmdVendor vendor = new AmdVendor();
    String signature = vendor.tableSignatures().iterator().next();
    Machine machine =
        Machine.builder("test")
            .firmwareTable(new FirmwareTable(signature, "test", new byte[48]))
            .build();
    assertEquals(
        LinuxSystem.boot(machine, List.of()).report(),
        LinuxSystem.boot(machine, List.of(vendor)).report());
    assertEquals(List.of(), vendor.logPrefixes());
  }
}

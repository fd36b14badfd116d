package org.iommu4j.evidence.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.machine.pci.PciAddress;
import org.junit.jupiter.api.Test;

/** How a trace's boot is compared with the model's, and what differences count for later. */
final class BootEventsTest {
  private final BootEvents boot = new BootEvents();

  BootEventsTest() {
    boot.addDeviceToGroup(new PciAddress(0, 0, 1, 0), 0);
    boot.addDeviceToGroup(new PciAddress(0, 0, 2, 0), 1);
    boot.attachDeviceToDomain(new PciAddress(0, 0, 1, 0));
  }

  private boolean isExact(String event) {
    String line = "              dd-98      [000] ....     1.000000: " + event;
    TraceEvent parsed = Trace.parse("trace", line).events().get(0);
    return !boot.compare(parsed).isDifferent();
  }

  @Test
  void anEventOfAnotherNameTakesNoPlace() {
    assertFalse(isExact("attach_device_to_domain: IOMMU: device=0000:00:09.0"));
    assertTrue(isExact("add_device_to_group: IOMMU: groupID=0 device=0000:00:01.0"));
  }

  @Test
  void anEventOfTheSameNameTakesThePlaceOfTheModels() {
    assertFalse(isExact("add_device_to_group: IOMMU: groupID=7 device=0000:00:01.0"));
    assertTrue(isExact("add_device_to_group: IOMMU: groupID=1 device=0000:00:02.0"));
    assertEquals(List.of(), boot.missing());
  }

  @Test
  void whatIsLeftOutAndWhatIsLeftIsMissing() {
    assertTrue(isExact("add_device_to_group: IOMMU: groupID=1 device=0000:00:02.0"));
    boot.end();
    assertEquals(
        List.of(
            "add_device_to_group: IOMMU: groupID=0 device=0000:00:01.0",
            "attach_device_to_domain: IOMMU: device=0000:00:01.0"),
        boot.missing());
    assertTrue(boot.isOver());
  }
}

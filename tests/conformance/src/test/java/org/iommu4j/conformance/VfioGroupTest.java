package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vfio.Vfio;
import org.iommu4j.vfio.VfioContainer;
import org.iommu4j.vfio.VfioGroup;
import org.iommu4j.vfio.uapi.IommuType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A group of three devices behind one bridge: one of them alone cannot be handed out. */
final class VfioGroupTest {
  private static final PciAddress FIRST = new PciAddress(0, 1, 1, 0);
  private static final PciAddress SECOND = new PciAddress(0, 1, 2, 0);
  private static final PciAddress THIRD = new PciAddress(0, 1, 3, 0);

  private final Vfio vfio;
  private final VfioContainer container;
  private final VfioGroup group;

  VfioGroupTest() throws URISyntaxException {
    Path capture =
        Path.of(
            Objects.requireNonNull(VfioGroupTest.class.getResource("/vfio/5.10/vfio.tar.gz"))
                .toURI());
    Machine machine = MachineReader.read(capture);
    vfio = new Vfio(machine, LinuxSystem.boot(machine));
    vfio.drivers().setDriverOverride(FIRST, "vfio-pci");
    assertEquals(0, vfio.drivers().bind(FIRST, "vfio-pci"));
    container = vfio.openContainer();
    group = vfio.openGroupOf(FIRST).orThrow();
  }

  @BeforeEach
  void attach() {
    assertEquals(0, group.setContainer(container));
    assertEquals(0, container.setIommu(IommuType.TYPE1_V2));
  }

  @Test
  void aMateInUseKeepsTheGroupWithTheHost() {
    assertEquals(0, group.unsetContainer());
    assertEquals(0, vfio.drivers().bind(SECOND, "e1000"));
    assertFalse(group.status().viable());
    // Only when a device is opened it is asked whether the group is viable.
    attach();
    assertEquals(Errno.EINVAL, group.openDevice(FIRST).error());
    assertTrue(vfio.drivers().unbind(SECOND));
    assertTrue(group.status().viable());
    assertEquals(0, group.openDevice(FIRST).error());
  }

  @Test
  void aDriverOfTheHostThatComesToAGroupInUseStopsTheKernel() {
    IllegalStateException stopped =
        assertThrows(IllegalStateException.class, () -> vfio.drivers().bind(THIRD, "e1000"));
    assertEquals(
        "kernel BUG: e1000 is bound to 0000:01:03.0 of a group in use", stopped.getMessage());
  }

  @Test
  void aStubIsWelcomeInAGroupInUse() {
    vfio.drivers().setDriverOverride(THIRD, "pci-stub");
    assertEquals(0, vfio.drivers().bind(THIRD, "pci-stub"));
    assertTrue(group.status().viable());
  }

  @Test
  void anOverrideHoldsForAllDrivers() {
    vfio.drivers().setDriverOverride(SECOND, "vfio-pci");
    assertEquals(Errno.ENODEV, vfio.drivers().bind(SECOND, "e1000"));
    vfio.drivers().setDriverOverride(SECOND, null);
    assertEquals(Errno.ENODEV, vfio.drivers().bind(SECOND, "vfio-pci"));
    assertThrows(
        IllegalArgumentException.class,
        () -> vfio.drivers().bind(new PciAddress(0, 9, 0, 0), "vfio-pci"));
  }
}

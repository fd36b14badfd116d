package org.iommu4j.vfio.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.GroupListener;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.DriverBinding;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.vfio.Vfio;
import org.iommu4j.vfio.VfioContainer;
import org.iommu4j.vfio.VfioDevice;
import org.iommu4j.vfio.VfioGroup;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vtd.kit.IntelFixture;
import org.junit.jupiter.api.Test;

/**
 * What the transcripts cannot show: files that are closed, drivers that wait, threads of others.
 */
final class VfioLifeCycleTest {
  private static final long V = 0x1000_0000L;

  private final HandedOutDevice handed =
      new HandedOutDevice(IntelFixture.STRICT_QUEUE, IommuType.TYPE1_V2);
  private final Vfio vfio = handed.vfio;

  private void mapOnePage() {
    assertEquals(
        0, handed.process.memory().mmap(V, 4096, MemoryRights.READ_WRITE, Backing.small()));
    assertEquals(0, handed.container.mapDma(handed.process, DmaMap.readWrite(V, 0x5000, 4096)));
  }

  @Test
  void unbindingWaitsUntilTheDeviceIsClosed() {
    VfioDevice device = handed.group.openDevice(KitMachine.DEVICE).orThrow();
    mapOnePage();
    assertFalse(vfio.drivers().unbind(KitMachine.DEVICE));
    assertTrue(vfio.drivers().isUnbinding(KitMachine.DEVICE));
    assertEquals("vfio-pci", vfio.drivers().driver(KitMachine.DEVICE));
    assertTrue(handed.group.status().viable());
    device.close();
    assertTrue(vfio.drivers().isUnbinding(KitMachine.DEVICE), "the group is in a container");
    assertTrue(handed.canRead(0x5000));
    assertEquals(0, handed.group.unsetContainer());
    assertNull(vfio.drivers().driver(KitMachine.DEVICE));
    assertFalse(handed.canRead(0x5000));
    handed.group.close();
    assertEquals(Errno.ENOENT, vfio.openGroupOf(KitMachine.DEVICE).error());
  }

  /**
   * Source: {@code drivers/base/dd.c:driver_sysfs_add}, {@code driver_bound}, {@code
   * __device_release_driver}; {@code drivers/iommu/iommu.c:iommu_bus_notifier}.
   */
  @Test
  void listenersHearOfADriverBeforeAndAfterItComesAndGoes() {
    List<String> heard = new ArrayList<>();
    GroupListener listener =
        (event, device) -> heard.add(event + " " + vfio.drivers().driver(device.address()));
    IommuGroup group = vfio.system().iommu().group(KitMachine.DEVICE).orElseThrow();
    group.registerNotifier(listener);

    assertFalse(vfio.drivers().unbind(KitMachine.DEVICE));
    assertEquals(List.of("UNBIND_DRIVER vfio-pci"), heard, "before the driver waits for its user");
    assertFalse(vfio.drivers().unbind(KitMachine.DEVICE));
    assertEquals(List.of("UNBIND_DRIVER vfio-pci"), heard, "once");
    handed.group.close();
    assertEquals(List.of("UNBIND_DRIVER vfio-pci", "UNBOUND_DRIVER null"), heard);

    heard.clear();
    assertEquals(Errno.ENODEV, vfio.drivers().bind(KitMachine.DEVICE, "pci-stub"));
    assertEquals(List.of(), heard, "a driver that does not match is not tried");
    assertEquals(0, vfio.drivers().bind(KitMachine.DEVICE, "vfio-pci"));
    assertEquals(List.of("BIND_DRIVER vfio-pci", "BOUND_DRIVER vfio-pci"), heard);
  }

  @Test
  void theGroupStaysForWhoHasItOpen() {
    assertEquals(0, handed.group.unsetContainer());
    assertTrue(vfio.drivers().unbind(KitMachine.DEVICE));
    assertEquals(0, handed.group.setContainer(handed.container));
    assertEquals(0, handed.container.setIommu(IommuType.TYPE1_V2));
    assertEquals(Errno.ENODEV, handed.group.openDevice(KitMachine.DEVICE).error());
    handed.group.close();
    assertEquals(Errno.ENOENT, vfio.openGroupOf(KitMachine.DEVICE).error());
  }

  @Test
  void devicesHaveTheDriversThatTheFactsName() {
    PciTopology known =
        PciTopology.of(
            List.of(
                facts(KitMachine.DEVICE, DriverBinding.to("vfio-pci")),
                facts(KitMachine.OTHER, DriverBinding.to("e1000e"))));
    MachineBuilder builder = KitMachine.builder("intel_iommu=on");
    IntelFixture.STRICT_QUEUE.mark(builder);
    Machine machine = builder.pci(known).build();
    Vfio loaded = new Vfio(machine, LinuxSystem.boot(machine));
    assertEquals("vfio-pci", loaded.drivers().driver(KitMachine.DEVICE));
    assertEquals(0, loaded.openGroupOf(KitMachine.DEVICE).error());
    assertEquals("e1000e", loaded.drivers().driver(KitMachine.OTHER));
    assertEquals(Errno.ENOENT, loaded.openGroupOf(KitMachine.OTHER).error());
  }

  private static PciFunctionFacts facts(PciAddress address, DriverBinding driver) {
    byte[] config = new byte[ConfigSpace.CONVENTIONAL_BYTES];
    config[0x0b] = 2;
    return PciFunctionFacts.ofConfig(address, ConfigSpace.of(config)).withDriver(driver);
  }

  @Test
  void closedFilesAreOfNoUse() {
    VfioDevice device = handed.group.openDevice(KitMachine.DEVICE).orThrow();
    device.close();
    device.close();
    assertThrows(IllegalStateException.class, device::busMaster);
    handed.group.close();
    handed.group.close();
    assertThrows(IllegalStateException.class, handed.group::status);
    assertEquals(Errno.EINVAL, handed.container.setIommu(IommuType.TYPE1));
    assertThrows(IllegalStateException.class, () -> vfio.openGroup(4711).orThrow());
  }

  @Test
  void theLastGroupTakesAllMappingsWithIt() {
    mapOnePage();
    assertEquals(1, handed.process.memory().lockedPages());
    handed.group.close();
    assertEquals(0, handed.process.memory().lockedPages());
    assertEquals(0, vfio.userFrames().pinnedPages());
    assertTrue(handed.container.info().isEmpty());
    VfioGroup again = vfio.openGroupOf(KitMachine.DEVICE).orThrow();
    VfioContainer other = vfio.openContainer();
    assertEquals(0, again.setContainer(other));
    assertEquals(0, other.setIommu(IommuType.TYPE1));
    assertFalse(handed.canRead(0x5000));
  }

  @Test
  void nestingIsTheVendorsAffair() {
    assertEquals(0, handed.group.unsetContainer());
    assertEquals(0, handed.group.setContainer(handed.container));
    int error = handed.container.setIommu(IommuType.TYPE1_NESTING);
    assertTrue(error == Errno.ENODEV || error == Errno.EINVAL, () -> "error " + error);
  }

  @Test
  void anotherDevicesRegistersCanBeMappedAndDoNotCount() {
    long registers = KitMachine.REGISTERS_PHYS;
    assertEquals(
        0,
        handed.process.memory().mmap(V, 4096, MemoryRights.READ_WRITE, Backing.device(registers)));
    handed.process.setMemlockBytes(0);
    assertEquals(0, handed.container.mapDma(handed.process, DmaMap.readWrite(V, 0x5000, 4096)));
    assertEquals(registers, handed.translation(0x5000));
    assertEquals(0, handed.process.memory().lockedPages());
    assertNotNull(handed.container.info());
  }
}

package org.iommu4j.vfio.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.vfio.Vfio;
import org.iommu4j.vfio.VfioContainer;
import org.iommu4j.vfio.VfioGroup;
import org.iommu4j.vfio.uapi.GroupStatus;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vtd.kit.IntelFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who has a group, in releases that claim it and in the one that only looks at drivers.
 *
 * <p>The recorded machine has two devices of a kind and a network card behind one bridge, in one
 * group.
 */
final class VfioOwnershipTest {
  private static final PciAddress FIRST = new PciAddress(0, 1, 1, 0);
  private static final PciAddress SECOND = new PciAddress(0, 1, 2, 0);
  private static final PciAddress CARD = new PciAddress(0, 1, 3, 0);
  private static final PciAddress BRIDGE = new PciAddress(0, 0, 8, 0);
  private static final PciAddress ALONE = new PciAddress(0, 0, 5, 0);

  private static KernelRules rules(String series) {
    return KernelReleases.named(series).orElseThrow();
  }

  private static Vfio boot(String series) {
    try {
      Path capture =
          Path.of(
              Objects.requireNonNull(
                      VfioOwnershipTest.class.getResource("/vfio/6.1/vfio.tar.gz"),
                      "the captures lie on the class path")
                  .toURI());
      Machine machine = MachineReader.read(capture);
      BootOptions options = BootOptions.defaults().withRules(rules(series));
      return new Vfio(machine, LinuxSystem.boot(machine, options));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static VfioGroup handOver(Vfio vfio, PciAddress device) {
    vfio.drivers().setDriverOverride(device, "vfio-pci");
    assertEquals(0, vfio.drivers().bind(device, "vfio-pci"));
    return vfio.openGroupOf(device).orThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void aBoundDriverKeepsItsGroupAndAGroupInAContainerKeepsDriversOut(String series) {
    Vfio vfio = boot(series);
    assertEquals(0, vfio.drivers().bind(CARD, "e1000"));
    VfioGroup group = handOver(vfio, FIRST);
    assertEquals(new GroupStatus(0, false, false), group.status());
    VfioContainer container = vfio.openContainer();
    assertEquals(Errno.EPERM, group.setContainer(container));

    assertTrue(vfio.drivers().unbind(CARD));
    assertEquals(new GroupStatus(0, true, false), group.status());
    assertEquals(0, group.setContainer(container));
    assertEquals(new GroupStatus(0, true, true), group.status());
    assertEquals(Errno.EBUSY, vfio.drivers().bind(CARD, "e1000"));
    assertNull(vfio.drivers().driver(CARD));
    assertEquals(0, group.unsetContainer());
    assertEquals(0, vfio.drivers().bind(CARD, "e1000"));
    assertFalse(group.status().viable());
  }

  @Test
  void theOlderReleaseFindsOutWhenTheDeviceIsOpenedAndStopsWhenADriverComesLater() {
    Vfio vfio = boot("5.10");
    assertEquals(0, vfio.drivers().bind(CARD, "e1000"));
    VfioGroup group = handOver(vfio, FIRST);
    VfioContainer container = vfio.openContainer();
    assertEquals(0, group.setContainer(container));
    assertEquals(0, container.setIommu(IommuType.TYPE1_V2));
    assertEquals(new GroupStatus(0, false, true), group.status());
    assertEquals(Errno.EINVAL, group.openDevice(FIRST).error());
    assertTrue(vfio.drivers().unbind(CARD));
    assertEquals(0, group.openDevice(FIRST).error());
    assertThrows(IllegalStateException.class, () -> vfio.drivers().bind(CARD, "e1000"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void driversThatLeaveDmaToOthersMayStay(String series) {
    Vfio vfio = boot(series);
    vfio.drivers().setDriverOverride(SECOND, "pci-stub");
    assertEquals(0, vfio.drivers().bind(SECOND, "pci-stub"));
    VfioGroup group = handOver(vfio, FIRST);
    assertEquals(0, group.setContainer(vfio.openContainer()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void aGroupLeavesItsContainerWithItsLastDevice(String series) {
    Vfio vfio = boot(series);
    VfioGroup group = handOver(vfio, ALONE);
    VfioContainer container = vfio.openContainer();
    assertEquals(0, group.setContainer(container));
    assertEquals(0, container.setIommu(IommuType.TYPE1_V2));

    assertTrue(vfio.drivers().unbind(ALONE), "nobody has the device open");
    assertTrue(container.info().isEmpty());
    assertEquals(Errno.ENODEV, group.status().error());
    assertEquals(Errno.ENODEV, group.setContainer(container));
    assertEquals(Errno.EINVAL, group.unsetContainer());
    assertEquals(Errno.ENODEV, group.openDevice(ALONE).error());
    assertEquals(Errno.ENOENT, vfio.openGroupOf(ALONE).error());

    VfioGroup next = handOver(vfio, ALONE);
    assertEquals(Errno.ENODEV, group.status().error(), "the file is that of the old group");
    assertEquals(0, next.setContainer(container));
    group.close();
    assertTrue(next.status().containerSet());
  }

  @Test
  void aDeviceThatVfioDoesNotKnowIsToldOfBeforeTheMissingIommu() {
    for (String series : List.of("6.1", "6.12")) {
      VfioGroup group = handOver(boot(series), FIRST);
      assertEquals(Errno.ENODEV, group.openDevice(SECOND).error());
      assertEquals(Errno.EINVAL, group.openDevice(FIRST).error());
    }
    assertEquals(Errno.EINVAL, handOver(boot("5.10"), FIRST).openDevice(SECOND).error());
  }

  @Test
  void whoBindsIsToldWhyFromSixOn() {
    Vfio older = boot("5.10");
    assertEquals(Errno.ENODEV, bindBridge(older));
    assertEquals(
        List.of("vfio-pci: probe of 0000:00:08.0 failed with error -22"), older.system().takeLog());
    Vfio next = boot("6.1");
    assertEquals(Errno.EINVAL, bindBridge(next));
    assertEquals(
        List.of("vfio-pci: probe of 0000:00:08.0 failed with error -22"), next.system().takeLog());
    Vfio newer = boot("6.12");
    assertEquals(Errno.EINVAL, bindBridge(newer));
    assertEquals(
        List.of("vfio-pci 0000:00:08.0: probe with driver vfio-pci failed with error -22"),
        newer.system().takeLog());

    handOver(newer, FIRST).close();
    assertEquals(Errno.EBUSY, newer.drivers().bind(FIRST, "vfio-pci"));
    handOver(older, FIRST).close();
    assertEquals(Errno.ENODEV, older.drivers().bind(FIRST, "vfio-pci"));
  }

  private static int bindBridge(Vfio vfio) {
    vfio.system().takeLog();
    vfio.drivers().unbind(BRIDGE);
    vfio.drivers().setDriverOverride(BRIDGE, "vfio-pci");
    return vfio.drivers().bind(BRIDGE, "vfio-pci");
  }

  @Test
  void firmwaresMemoryIsMetOnAttachThenOnClaimThenByTheCore() {
    Vfio older = kit("5.10");
    VfioGroup group = handOver(older, KitMachine.OTHER);
    VfioContainer container = older.openContainer();
    assertEquals(0, group.setContainer(container));
    assertEquals(Errno.EPERM, container.setIommu(IommuType.TYPE1_V2));

    for (String series : List.of("6.1", "6.12")) {
      Vfio vfio = kit(series);
      VfioGroup claimed = handOver(vfio, KitMachine.OTHER);
      int expected = series.equals("6.1") ? Errno.EPERM : Errno.EINVAL;
      assertEquals(expected, claimed.setContainer(vfio.openContainer()), series);
      assertFalse(claimed.status().containerSet());
      assertTrue(claimed.status().viable(), "nobody has claimed it");
      assertNull(
          vfio.system()
              .busMaster(KitMachine.OTHER)
              .orElseThrow()
              .read(KitMachine.DIRECT.first(), new byte[1], 0, 1));
    }
  }

  private static Vfio kit(String series) {
    MachineBuilder builder = KitMachine.builder(IntelFixture.STRICT_QUEUE.commandLine());
    IntelFixture.STRICT_QUEUE.mark(builder);
    Machine machine = builder.build();
    BootOptions options =
        BootOptions.defaults()
            .withVendors(ImmutableList.of(IntelFixture.STRICT_QUEUE.vendor()))
            .withRules(rules(series));
    Vfio vfio = new Vfio(machine, LinuxSystem.boot(machine, options));
    vfio.type1Parameters().setAllowUnsafeInterrupts(true);
    return vfio;
  }

  /** The units have no snoop control: a domain cannot be told to see caches in spite of devices. */
  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void thatCachesAreSeenIsAskedOfTheDomainAndNotOfTheSystem(String series) {
    Vfio vfio = boot(series);
    VfioGroup group = handOver(vfio, ALONE);
    VfioContainer container = vfio.openContainer();
    assertEquals(0, group.setContainer(container));
    assertEquals(0, container.setIommu(IommuType.TYPE1_V2));
    assertTrue(vfio.system().iommu().capable(IommuCapability.CACHE_COHERENCY));
    assertFalse(container.checkExtension(IommuType.DMA_CC));
  }
}

package org.iommu4j.vfio.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.stream.Stream;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.toy.ToyFixture;
import org.iommu4j.vfio.VfioGroup;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vfio.uapi.UnmapResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two groups in one container reach the same memory, in one domain or in two. */
final class VfioTwoGroupsTest {
  private static final long V = 0x1000_0000L;
  private static final long SIZE = 16 * 4096;

  static Stream<VendorFixture> vendors() {
    return Stream.of(new ToyFixture(), new PickyFixture(new ToyFixture()));
  }

  private static HandedOutDevice handOut(VendorFixture vendor) {
    HandedOutDevice device = new HandedOutDevice(vendor, IommuType.TYPE1_V2);
    HandedOutDevice.check(
        device.process.memory().mmap(V, 2 * SIZE, MemoryRights.READ_WRITE, Backing.scattered()));
    device.vfio.drivers().setDriverOverride(KitMachine.OTHER, "vfio-pci");
    HandedOutDevice.check(device.vfio.drivers().bind(KitMachine.OTHER, "vfio-pci"));
    return device;
  }

  private static VfioGroup otherGroup(HandedOutDevice device) {
    return device.vfio.openGroupOf(KitMachine.OTHER).orThrow();
  }

  private static int map(HandedOutDevice device, long iova) {
    return device.container.mapDma(device.process, DmaMap.readWrite(V, iova, SIZE));
  }

  private static IommuDomain domain(HandedOutDevice device, boolean other) {
    return device.vfio.system().domain(other ? KitMachine.OTHER : KitMachine.DEVICE).orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("vendors")
  void bothReachWhatWasMappedBeforeAndAfter(VendorFixture vendor) {
    HandedOutDevice device = handOut(vendor);
    assertEquals(0, map(device, 0));
    VfioGroup second = otherGroup(device);
    assertEquals(0, second.setContainer(device.container));
    assertEquals(0, map(device, 0x10_0000));
    assertEquals(2 * SIZE / 4096, device.process.memory().lockedPages());

    BusMaster other = device.vfio.system().busMaster(KitMachine.OTHER).orElseThrow();
    byte[] text = {1, 2, 3};
    for (long iova : new long[] {0x3ffe, 0x10_0000 + SIZE - 3}) {
      assertNull(other.write(iova, text, 0, 3));
      byte[] read = new byte[3];
      assertNull(device.bus.read(iova, read, 0, 3));
      assertEquals(3, read[2]);
    }

    assertEquals(
        new UnmapResult(0, SIZE), device.container.unmapDma(device.process, DmaUnmap.of(0, SIZE)));
    assertNotNull(other.read(0x1000, new byte[1], 0, 1));
    assertNotNull(device.bus.read(0x1000, new byte[1], 0, 1));

    device.group.close();
    assertNull(other.read(0x10_0000, new byte[1], 0, 1));
    assertEquals(SIZE / 4096, device.process.memory().lockedPages());
    second.close();
    assertNotNull(other.read(0x10_0000, new byte[1], 0, 1));
    assertEquals(0, device.process.memory().lockedPages());
    assertEquals(0, device.vfio.userFrames().pinnedPages());
  }

  @Test
  void oneDomainIsEnoughUnlessItRefuses() {
    HandedOutDevice device = handOut(new ToyFixture());
    assertEquals(0, otherGroup(device).setContainer(device.container));
    assertEquals(domain(device, false), domain(device, true));
    HandedOutDevice picky = handOut(new PickyFixture(new ToyFixture()));
    assertEquals(0, otherGroup(picky).setContainer(picky.container));
    assertNotEquals(domain(picky, false), domain(picky, true));
  }

  @ParameterizedTest
  @MethodSource("vendors")
  void whatIsReservedForTheSecondIsTakenAwayWhileItIsThere(VendorFixture vendor) {
    HandedOutDevice device = handOut(vendor);
    String alone = device.container.info().orElseThrow().iovaRanges().toString();
    long reserved = KitMachine.DIRECT.first();
    VfioGroup second = otherGroup(device);

    assertEquals(0, map(device, reserved));
    assertEquals(Errno.EINVAL, second.setContainer(device.container));
    assertEquals(
        new UnmapResult(0, SIZE),
        device.container.unmapDma(device.process, DmaUnmap.of(reserved, SIZE)));

    assertEquals(0, second.setContainer(device.container));
    assertEquals(Errno.EINVAL, map(device, reserved));
    assertNotEquals(alone, device.container.info().orElseThrow().iovaRanges().toString());
    assertEquals(0, second.unsetContainer());
    assertEquals(alone, device.container.info().orElseThrow().iovaRanges().toString());
    assertEquals(0, map(device, reserved));
    device.close();
  }
}

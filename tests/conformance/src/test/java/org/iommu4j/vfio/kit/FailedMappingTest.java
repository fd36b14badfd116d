package org.iommu4j.vfio.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.toy.ToyFixture;
import org.iommu4j.vfio.VfioGroup;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.IommuType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mapping of a process that a domain refuses half-way leaves nothing: {@code vfio_iommu_map}. */
final class FailedMappingTest {
  private static final long PAGE = 4096;
  private static final long VADDR = 0x1000_0000;
  private static final long IOVA = 0x10_0000;
  private static final int REFUSED_PAGE = 5;

  private final AtomicInteger made = new AtomicInteger();

  private HandedOutDevice handOut(VendorFixture fixture) {
    HandedOutDevice device = new HandedOutDevice(fixture, IommuType.TYPE1_V2);
    HandedOutDevice.check(
        device
            .process
            .memory()
            .mmap(VADDR, 8 * PAGE, MemoryRights.READ_WRITE, Backing.scattered()));
    return device;
  }

  private static void assertRefusedWithoutATrace(HandedOutDevice device) {
    assertEquals(
        Errno.ENOMEM,
        device.container.mapDma(device.process, DmaMap.readWrite(VADDR, IOVA, 8 * PAGE)));
    assertEquals(0, device.process.memory().lockedPages());
    assertEquals(0, device.vfio.userFrames().pinnedPages());
  }

  private static void assertEmpty(HandedOutDevice device, PciAddress of) {
    IommuDomain domain = device.vfio.system().domain(of).orElseThrow();
    for (int page = 0; page < 8; page++) {
      assertEquals(0, domain.iovaToPhys(IOVA + page * PAGE));
    }
  }

  @Test
  void noPageStaysPinnedOrMapped() {
    try (HandedOutDevice device = handOut(new UnlikeFixture(new ToyFixture(), Refusing::new))) {
      assertRefusedWithoutATrace(device);
      assertEmpty(device, KitMachine.DEVICE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void noDomainKeepsWhatAnotherRefused(int refusing) {
    VendorFixture fixture =
        new PickyFixture(
            new UnlikeFixture(
                new ToyFixture(),
                domain ->
                    made.getAndIncrement() == refusing
                        ? new Refusing(domain)
                        : new ForwardingDomain(domain) {}));
    try (HandedOutDevice device = handOut(fixture)) {
      device.vfio.drivers().setDriverOverride(KitMachine.OTHER, "vfio-pci");
      HandedOutDevice.check(device.vfio.drivers().bind(KitMachine.OTHER, "vfio-pci"));
      VfioGroup second = device.vfio.openGroupOf(KitMachine.OTHER).orThrow();
      assertEquals(0, second.setContainer(device.container));
      assertNotEquals(
          device.vfio.system().domain(KitMachine.DEVICE),
          device.vfio.system().domain(KitMachine.OTHER));
      assertRefusedWithoutATrace(device);
      assertEmpty(device, KitMachine.DEVICE);
      assertEmpty(device, KitMachine.OTHER);
      second.close();
    }
  }

  /** Has no memory for one page. */
  private static final class Refusing extends ForwardingDomain {
    Refusing(IommuDomain like) {
      super(like);
    }

    @Override
    public int map(long iova, long phys, long sizeBytes, int protection) {
      return iova == IOVA + REFUSED_PAGE * PAGE
          ? Errno.ENOMEM
          : super.map(iova, phys, sizeBytes, protection);
    }
  }
}

package org.iommu4j.vfio.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.toy.ToyFixture;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vfio.uapi.UnmapResult;
import org.junit.jupiter.api.Test;

/** When a vendor is told to flush that leaves it to the caller, as Intel does not. */
final class IotlbSyncTest {
  private static final long PAGE = 4096;
  private static final long IOVA = 0x40_0000;
  private static final int BOTH_WAYS = IommuDomain.READ | IommuDomain.WRITE;

  private final List<String> flushes = new ArrayList<>();

  private IommuDomain mapped(IommuApi iommu, long pages) {
    IommuDomain domain = new Gathering(Objects.requireNonNull(iommu.domainAlloc()), flushes::add);
    assertEquals(0, iommu.map(domain, IOVA, 0x10_0000, pages * PAGE, BOTH_WAYS));
    return domain;
  }

  @Test
  void anUnmappingFlushesAllOfItAtItsEnd() {
    IommuApi iommu = Rig.boot(new ToyFixture()).system().iommu();
    IommuDomain domain = mapped(iommu, 3);
    assertEquals(3 * PAGE, iommu.unmap(domain, IOVA, 3 * PAGE));
    assertEquals(List.of("400000-402fff"), flushes);
  }

  @Test
  void aFastUnmappingFlushesNothingUntilItIsAskedFor() {
    IommuApi iommu = Rig.boot(new ToyFixture()).system().iommu();
    IommuDomain domain = mapped(iommu, 3);
    IotlbGather gather = new IotlbGather();
    assertEquals(PAGE, iommu.unmapFast(domain, IOVA, PAGE, gather));
    assertEquals(PAGE, iommu.unmapFast(domain, IOVA + PAGE, PAGE, gather));
    assertEquals(List.of(), flushes);
    iommu.iotlbSync(domain, gather);
    assertEquals(List.of("400000-401fff"), flushes);
    assertTrue(gather.isEmpty());
  }

  @Test
  void pagesOfAProcessArePinnedUntilTheyAreFlushed() {
    List<Long> pinnedThen = new ArrayList<>();
    List<HandedOutDevice> devices = new ArrayList<>();
    Consumer<String> flushed =
        range ->
            devices.forEach(
                device -> {
                  flushes.add(range);
                  pinnedThen.add(device.vfio.userFrames().pinnedPages());
                });
    VendorFixture fixture =
        new UnlikeFixture(new ToyFixture(), domain -> new Gathering(domain, flushed));
    try (HandedOutDevice device = new HandedOutDevice(fixture, IommuType.TYPE1_V2)) {
      devices.add(device);
      HandedOutDevice.check(
          device
              .process
              .memory()
              .mmap(IOVA, 8 * PAGE, MemoryRights.READ_WRITE, Backing.scattered()));
      assertEquals(
          0, device.container.mapDma(device.process, DmaMap.readWrite(IOVA, 0x10_0000, 8 * PAGE)));
      assertEquals(
          new UnmapResult(0, 8 * PAGE),
          device.container.unmapDma(device.process, DmaUnmap.of(0x10_0000, 8 * PAGE)));
      assertEquals(List.of("100000-107fff"), flushes);
      assertEquals(List.of(8L), pinnedThen);
      assertEquals(0, device.vfio.userFrames().pinnedPages());
    }
  }

  /** Leaves the flush to the caller. */
  private static final class Gathering extends ForwardingDomain {
    private final Consumer<String> flushed;

    Gathering(IommuDomain like, Consumer<String> flushed) {
      super(like);
      this.flushed = flushed;
    }

    @Override
    public long unmap(long iova, long sizeBytes, IotlbGather gather) {
      long unmappedBytes = super.unmap(iova, sizeBytes, gather);
      if (unmappedBytes != 0) {
        gather.addPage(this, iova, unmappedBytes);
      }
      return unmappedBytes;
    }

    @Override
    public void iotlbSync(IotlbGather gather) {
      flushed.accept(String.format("%x-%x", gather.firstIova(), gather.lastIova()));
    }
  }
}

package org.iommu4j.vfio.kit;

import static org.iommu4j.vfio.kit.NaiveType1.PAGE;
import static org.iommu4j.vfio.kit.NaiveType1.VADDR;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.toy.ToyFixture;
import org.iommu4j.vfio.kit.NaiveType1.Entry;
import org.iommu4j.vfio.process.Backing;
import org.iommu4j.vfio.process.MemoryRights;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vfio.uapi.IovaRange;
import org.iommu4j.vfio.uapi.UnmapResult;
import org.iommu4j.vtd.kit.IntelFixture;

/** Long runs of maps and unmaps, right and wrong ones, against the rules page by page. */
final class Type1PropertyTest {
  private static final int ENTRY_LIMIT = 3;
  private static final long MEMLOCK_PAGES = 12;
  private static final List<VendorFixture> VENDORS =
      List.of(
          new ToyFixture(),
          IntelFixture.STRICT_QUEUE,
          IntelFixture.CACHING_MODE,
          IntelFixture.LAZY_REGISTERS);

  /**
   * A call.
   *
   * @param map whether it maps
   * @param vaddr the process's address
   * @param iova the device's address
   * @param bytes how much
   * @param flags the rights
   */
  record Call(boolean map, long vaddr, long iova, long bytes, int flags) {}

  @Provide
  Arbitrary<Call> calls() {
    Arbitrary<Long> vaddr =
        Arbitraries.longs()
            .between(-1, NaiveType1.PAGES + 1)
            .map(page -> VADDR + page * PAGE)
            .flatMap(Type1PropertyTest::seldomUnaligned);
    Arbitrary<Long> iova =
        Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(
                    9, Arbitraries.longs().between(0, 23).map(page -> 0x10_0000L + page * PAGE)),
                net.jqwik.api.Tuple.of(
                    1,
                    Arbitraries.of(
                        0L, 0xfedf_f000L, 0xfee0_0000L, 0xfeef_f000L, 0xfef0_0000L, 1L << 50)))
            .flatMap(Type1PropertyTest::seldomUnaligned);
    Arbitrary<Long> bytes =
        Arbitraries.longs()
            .between(0, 8)
            .map(pages -> pages * PAGE)
            .flatMap(Type1PropertyTest::seldomUnaligned);
    Arbitrary<Integer> flags = Arbitraries.of(3, 3, 3, 3, 1, 1, 2, 0, 4);
    return Combinators.combine(Arbitraries.of(true, false), vaddr, iova, bytes, flags)
        .as(Call::new);
  }

  private static Arbitrary<Long> seldomUnaligned(long aligned) {
    return Arbitraries.frequency(net.jqwik.api.Tuple.of(40, 0), net.jqwik.api.Tuple.of(1, 0x800))
        .map(more -> aligned + more);
  }

  @Property(tries = 200)
  void everyAnswerIsThatOfTheRules(
      @ForAll("callLists") List<Call> calls, @ForAll boolean v2, @ForAll("vendors") int vendor) {
    try (HandedOutDevice device = handOut(VENDORS.get(vendor), v2, Linux510.RULES)) {
      long lastIova = last(device);
      NaiveType1 naive = new NaiveType1(v2, lastIova, ENTRY_LIMIT);
      naive.setMemlockPages(MEMLOCK_PAGES);
      for (Call call : calls) {
        if (call.map()) {
          map(device, naive, call);
        } else {
          unmap(device, naive, call);
        }
        assertSame(device, naive);
      }
    }
  }

  /**
   * Linux 6.1 unmaps from the lowest address on, whose mapping ever it is, and all if asked to; and
   * exchanges what memory a mapping shows.
   */
  @Property(tries = 100)
  void everyAnswerOfTheLaterReleaseIsThatOfItsRules(
      @ForAll("callLists") List<Call> calls, @ForAll boolean v2, @ForAll("vendors") int vendor) {
    try (HandedOutDevice device = handOut(VENDORS.get(vendor), v2, Linux61.RULES)) {
      NaiveType1 naive = new NaiveType1(v2, last(device), ENTRY_LIMIT);
      naive.setMemlockPages(MEMLOCK_PAGES);
      UserProcess other = device.vfio.startProcess("other");
      for (Call call : calls) {
        naive.forgetGone();
        if (call.map() && call.flags() == DmaMap.VADDR) {
          move(device, naive, call);
        } else if (call.map()) {
          map(device, naive, call);
        } else if (call.flags() == 2) {
          int flags = DmaUnmap.ALL | DmaUnmap.VADDR;
          DmaUnmap request = new DmaUnmap(DmaUnmap.SIZE_BYTES, flags, 0, 0, null);
          assertEquals(naive.invalidateAll(), device.container.unmapDma(other, request));
        } else if (call.flags() == DmaUnmap.VADDR) {
          DmaUnmap request = DmaUnmap.invalidating(call.iova(), call.bytes());
          assertEquals(
              naive.invalidate(call.iova(), call.bytes()),
              device.container.unmapDma(other, request),
              call::toString);
        } else if (call.flags() == 0) {
          assertEquals(naive.unmapAll(), device.container.unmapDma(other, DmaUnmap.all()));
        } else {
          DmaUnmap request = DmaUnmap.of(call.iova(), call.bytes());
          assertEquals(
              naive.unmapInOrder(call.iova(), call.bytes()),
              device.container.unmapDma(call.flags() == 1 ? other : device.process, request),
              call::toString);
        }
        assertSame(device, naive);
      }
    }
  }

  @Provide
  Arbitrary<List<Call>> callLists() {
    return calls().list().ofMaxSize(40);
  }

  @Provide
  Arbitrary<Integer> vendors() {
    return Arbitraries.integers().between(0, VENDORS.size() - 1);
  }

  private static HandedOutDevice handOut(VendorFixture fixture, boolean v2, KernelRules rules) {
    HandedOutDevice device =
        new HandedOutDevice(fixture, v2 ? IommuType.TYPE1_V2 : IommuType.TYPE1, rules);
    HandedOutDevice.check(device.group.unsetContainer());
    device.vfio.type1Parameters().setDmaEntryLimit(ENTRY_LIMIT);
    HandedOutDevice.check(device.group.setContainer(device.container));
    HandedOutDevice.check(device.container.setIommu(v2 ? IommuType.TYPE1_V2 : IommuType.TYPE1));
    device.process.setMemlockBytes(MEMLOCK_PAGES * PAGE);
    long bytes = NaiveType1.PAGES * PAGE;
    HandedOutDevice.check(
        device.process.memory().mmap(VADDR, bytes, MemoryRights.READ_WRITE, Backing.small()));
    device.process.memory().write(VADDR, new byte[(int) bytes]);
    return device;
  }

  private static long last(HandedOutDevice device) {
    List<IovaRange> ranges = device.container.info().orElseThrow().iovaRanges();
    return ranges.get(ranges.size() - 1).last();
  }

  private static void map(HandedOutDevice device, NaiveType1 naive, Call call) {
    int expected = naive.map(call.vaddr(), call.iova(), call.bytes(), call.flags());
    int error =
        device.container.mapDma(
            device.process,
            NaiveType1.request(call.vaddr(), call.iova(), call.bytes(), call.flags()));
    assertEquals(expected, error, call::toString);
  }

  private static void move(HandedOutDevice device, NaiveType1 naive, Call call) {
    assertEquals(
        naive.move(call.vaddr(), call.iova(), call.bytes()),
        device.container.mapDma(
            device.process, DmaMap.move(call.vaddr(), call.iova(), call.bytes())),
        call::toString);
  }

  private static void unmap(HandedOutDevice device, NaiveType1 naive, Call call) {
    List<Entry> before = List.copyOf(naive.entries());
    boolean undetermined = naive.isUndetermined(call.iova(), call.bytes());
    UnmapResult expected = naive.unmap(call.iova(), call.bytes());
    UnmapResult result =
        device.container.unmapDma(device.process, DmaUnmap.of(call.iova(), call.bytes()));
    if (undetermined && expected.error() == 0) {
      for (Entry entry : before) {
        if (!naive.entries().contains(entry) && device.translation(entry.iova()) != 0) {
          naive.entries().add(entry);
        }
      }
      assertTrue(result.sizeBytes() <= expected.sizeBytes(), call::toString);
    } else {
      assertEquals(expected, result, call::toString);
    }
  }

  private static void assertSame(HandedOutDevice device, NaiveType1 naive) {
    assertEquals(naive.lockedPages(), device.process.memory().lockedPages());
    assertEquals(naive.lockedPages(), device.vfio.userFrames().pinnedPages());
    assertEquals(
        ENTRY_LIMIT - naive.entries().size(), device.container.info().orElseThrow().dmaAvail());
    for (Entry entry : naive.entries()) {
      for (long offset = 0; offset < entry.bytes(); offset += PAGE) {
        long iova = entry.iova() + offset;
        long pfn = device.process.memory().pagemap(entry.vaddr() + offset).pfn();
        assertEquals(pfn * PAGE, device.translation(iova));
        assertEquals((entry.flags() & 2) != 0, device.canWrite(iova));
      }
    }
    for (long iova = 0x10_0000L; iova < 0x10_0000L + 32 * PAGE; iova += PAGE) {
      boolean mapped = NaiveType1.at(naive.entries(), iova) != null;
      assertEquals(mapped, device.translation(iova) != 0);
      assertTrue(mapped || !device.canRead(iova));
    }
  }
}

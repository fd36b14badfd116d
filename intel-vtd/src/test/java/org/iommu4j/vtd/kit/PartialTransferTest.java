package org.iommu4j.vtd.kit;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Objects;
import org.iommu4j.dma.BusError;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.testkit.Rig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An access of a device that runs from a mapped page into a hole, after which is a mapped one. */
final class PartialTransferTest {
  private static final long IOVA = 0x40_0000;
  private static final long HOLE = IOVA + PAGE_BYTES;
  private static final int BYTES_BEFORE = 20;
  private static final int OFFSET = 3;
  private static final int LENGTH = BYTES_BEFORE + PAGE_BYTES + 50;
  private static final byte OLD = 0x11;
  private static final byte NEW = 0x22;

  private final byte[] deviceBytes = new byte[LENGTH + 2 * OFFSET];

  /** Two pages of memory, seen before and after a hole of one page. */
  private static final class Hole {
    final Rig rig;
    final long beforePhys;
    final long afterPhys;

    Hole(IntelFixture fixture, int protection) {
      rig = Rig.boot(fixture);
      beforePhys = rig.allocPages(0);
      afterPhys = rig.allocPages(0);
      IommuApi iommu = rig.system().iommu();
      IommuDomain domain = Objects.requireNonNull(iommu.domainAlloc());
      assertEquals(0, iommu.attachDevice(domain, rig.address()));
      assertEquals(0, iommu.map(domain, IOVA, beforePhys, PAGE_BYTES, protection));
      assertEquals(0, iommu.map(domain, HOLE + PAGE_BYTES, afterPhys, PAGE_BYTES, protection));
      rig.memory().fill(beforePhys, PAGE_BYTES, OLD);
      rig.memory().fill(afterPhys, PAGE_BYTES, OLD);
    }
  }

  private static void assertEndedAtTheHole(@Nullable BusError error) {
    BusError end = Objects.requireNonNull(error);
    assertEquals(HOLE, end.iova());
    assertEquals(BYTES_BEFORE, end.completedBytes());
  }

  private static byte[] filled(int sizeBytes, byte value) {
    byte[] bytes = new byte[sizeBytes];
    Arrays.fill(bytes, value);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(IntelFixture.class)
  void aWriteHasWrittenTheBytesBeforeTheHoleAndNoneAfterIt(IntelFixture fixture) {
    Hole hole = new Hole(fixture, IommuDomain.READ | IommuDomain.WRITE);
    Arrays.fill(deviceBytes, NEW);
    assertEndedAtTheHole(hole.rig.bus().write(HOLE - BYTES_BEFORE, deviceBytes, OFFSET, LENGTH));
    byte[] expected = filled(PAGE_BYTES, OLD);
    Arrays.fill(expected, PAGE_BYTES - BYTES_BEFORE, PAGE_BYTES, NEW);
    assertArrayEquals(expected, hole.rig.cpuReads(hole.beforePhys, PAGE_BYTES));
    assertArrayEquals(filled(PAGE_BYTES, OLD), hole.rig.cpuReads(hole.afterPhys, PAGE_BYTES));
  }

  @ParameterizedTest
  @EnumSource(IntelFixture.class)
  void aReadHasReadTheBytesBeforeTheHoleAndNoneAfterIt(IntelFixture fixture) {
    Hole hole = new Hole(fixture, IommuDomain.READ);
    Arrays.fill(deviceBytes, NEW);
    assertEndedAtTheHole(hole.rig.bus().read(HOLE - BYTES_BEFORE, deviceBytes, OFFSET, LENGTH));
    byte[] expected = filled(deviceBytes.length, NEW);
    Arrays.fill(expected, OFFSET, OFFSET + BYTES_BEFORE, OLD);
    assertArrayEquals(expected, deviceBytes);
  }

  @ParameterizedTest
  @EnumSource(IntelFixture.class)
  void aWriteThatMayNotBeginWritesNothing(IntelFixture fixture) {
    Hole hole = new Hole(fixture, IommuDomain.READ);
    Arrays.fill(deviceBytes, NEW);
    long iova = HOLE - BYTES_BEFORE;
    BusError error =
        Objects.requireNonNull(hole.rig.bus().write(iova, deviceBytes, OFFSET, LENGTH));
    assertEquals(iova, error.iova());
    assertEquals(0, error.completedBytes());
    assertArrayEquals(filled(PAGE_BYTES, OLD), hole.rig.cpuReads(hole.beforePhys, PAGE_BYTES));
  }
}

package org.iommu4j.vtd.kit;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Objects;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.devices.EduDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The DMA case of kvm-unit-tests' {@code x86/intel-iommu.c} as our own: a page is mapped at I/O
 * address 0, and QEMU's {@code edu} device copies four bytes of it to the four after. The cases of
 * a unit's initialization are in {@code VtdUnitTest}; those of interrupt remapping do not apply,
 * for interrupts are not remapped here.
 */
final class VtdPeerSuiteTest {
  private static final int WORD = 0x1234_5678;
  private static final long BACK = EduDevice.TO_MEMORY;

  private static void copy(EduDevice edu, long from, long to, long direction) {
    edu.write(EduDevice.DMA_SOURCE, from);
    edu.write(EduDevice.DMA_DESTINATION, to);
    edu.write(EduDevice.DMA_COUNT, Integer.BYTES);
    edu.write(EduDevice.DMA_COMMAND, EduDevice.START | direction);
  }

  /** Maps a page that begins with the word at I/O address 0; returns where it is. */
  private static long mapAtZero(Rig rig) {
    IommuApi iommu = rig.system().iommu();
    IommuDomain domain = Objects.requireNonNull(iommu.domainAlloc());
    long page = rig.allocPages(0);
    rig.memory().fill(page, PAGE_BYTES, (byte) 0);
    rig.memory().write32(page, WORD);
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertEquals(0, iommu.map(domain, 0, page, PAGE_BYTES, IommuDomain.READ | IommuDomain.WRITE));
    rig.system().takeLog();
    return page;
  }

  @ParameterizedTest
  @EnumSource(IntelFixture.class)
  void aWordGoesThroughTheDeviceAndBack(IntelFixture unit) {
    Rig rig = Rig.boot(unit);
    EduDevice edu = new EduDevice(rig.bus());
    long page = mapAtZero(rig);
    copy(edu, 0, EduDevice.BUFFER, 0);
    assertNull(edu.error());
    copy(edu, EduDevice.BUFFER, Integer.BYTES, BACK);
    assertNull(edu.error());
    assertEquals(WORD, rig.memory().read32(page));
    assertEquals(WORD, rig.memory().read32(page + Integer.BYTES));
    assertEquals(0, rig.memory().read32(page + 2 * Integer.BYTES), "four bytes and no more");
    assertEquals(List.of(), rig.system().takeLog());
  }

  /** Beyond the origin: the page after the mapped one. */
  @ParameterizedTest
  @EnumSource(IntelFixture.class)
  void whatIsNotMappedFaultsBothWays(IntelFixture unit) {
    Rig rig = Rig.boot(unit);
    EduDevice edu = new EduDevice(rig.bus());
    long page = mapAtZero(rig);
    byte[] before = rig.cpuReads(page, PAGE_BYTES);
    copy(edu, PAGE_BYTES, EduDevice.BUFFER, 0);
    assertEquals(PAGE_BYTES, Objects.requireNonNull(edu.error()).iova());
    copy(edu, EduDevice.BUFFER, PAGE_BYTES, BACK);
    assertEquals(PAGE_BYTES, Objects.requireNonNull(edu.error()).iova());
    assertArrayEquals(before, rig.cpuReads(page, PAGE_BYTES));
    assertEquals(
        List.of(
            "DMAR: DRHD: handling fault status reg 2",
            "DMAR: [DMA Read] Request device [00:03.0] PASID ffffffff fault addr 1000"
                + " [fault reason 06] PTE Read access is not set",
            "DMAR: DRHD: handling fault status reg 2",
            "DMAR: [DMA Write] Request device [00:03.0] PASID ffffffff fault addr 1000"
                + " [fault reason 05] PTE Write access is not set"),
        rig.system().takeLog());
  }
}

package org.iommu4j.vtd.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.HardwareEntry.Mode;
import org.iommu4j.iommu.spi.HardwareEntry.Stage;
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Domains of VT-d as 6.1 and 6.12 have them, where 5.10 does otherwise. */
final class LaterDomainTest {
  private static final int BOTH_WAYS = IommuDomain.READ | IommuDomain.WRITE;

  private static Rig boot(String series) {
    return boot(series, "");
  }

  private static Rig boot(String series, String words) {
    return Rig.boot(IntelFixture.STRICT_QUEUE, words, KernelReleases.named(series).orElseThrow());
  }

  private static IommuDomain alloc(Rig rig) {
    return Objects.requireNonNull(rig.system().iommu().domainAlloc());
  }

  private static List<String> leaves(IommuDomain domain) {
    List<String> leaves = new ArrayList<>();
    domain.visit(
        (iova, phys, length, level, bits) ->
            leaves.add(String.format("%x+%x level %d bits %x", iova, length, level, bits)));
    return leaves;
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void pageSizesAreKnownOnceADeviceIsAttachedAndStayKnown(String series) {
    Rig rig = boot(series);
    IommuApi iommu = rig.system().iommu();
    IommuDomain domain = alloc(rig);
    assertEquals(0x1000, domain.pageSizes());
    assertEquals((1L << 57) - 1, domain.geometry().lastIova());
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertEquals(0x20_1000, domain.pageSizes());
    assertEquals((1L << 48) - 1, domain.geometry().lastIova());
    iommu.detachDevice(domain, rig.address());
    assertEquals(0x20_1000, domain.pageSizes());
  }

  @Test
  void whatIsBeyondTheTableHasAnAnswerInTheLaterReleaseAlone() {
    Rig older = boot("6.1");
    IommuDomain first = alloc(older);
    assertEquals(0, older.system().iommu().attachDevice(first, older.address()));
    assertThrows(
        IllegalArgumentException.class,
        () -> older.system().iommu().unmap(first, 1L << 48, 0x1000));
    Rig newer = boot("6.12");
    IommuDomain second = alloc(newer);
    assertEquals(0, newer.system().iommu().attachDevice(second, newer.address()));
    assertEquals(0, newer.system().iommu().unmap(second, 1L << 48, 0x1000));
    assertEquals(Errno.EINVAL, newer.system().iommu().map(second, -0x1000, 0, 0x1000, BOTH_WAYS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void aMappingSnoopsOnlyOnceThatIsEnforced(String series) {
    Rig rig = boot(series);
    IommuApi iommu = rig.system().iommu();
    IommuDomain domain = alloc(rig);
    assertTrue(iommu.capable(IommuCapability.CACHE_COHERENCY), "the processor's caches are seen");
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertEquals(0, iommu.map(domain, 0x1000, 0x5000, 0x1000, BOTH_WAYS | IommuDomain.CACHE));
    assertEquals(List.of("1000+1000 level 1 bits 3"), leaves(domain));
    assertFalse(domain.enforceCacheCoherency(), "the unit has no snoop control");
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void aLargePageTakesThePlaceOfSmallOnesThatAreGone(String series) {
    Rig rig = boot(series);
    IommuApi iommu = rig.system().iommu();
    IommuDomain domain = alloc(rig);
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertEquals(0, iommu.map(domain, 0x20_0000, 0x40_0000, 0x2000, BOTH_WAYS));
    assertTrue(rig.canRead(0x20_1000));
    assertEquals(0x1000, iommu.unmap(domain, 0x20_0000, 0x1000));
    assertEquals(0x1000, iommu.unmap(domain, 0x20_1000, 0x1000));
    assertFalse(rig.canRead(0x20_1000));
    assertEquals(0, iommu.map(domain, 0x20_0000, 0x60_0000, 0x20_0000, BOTH_WAYS));
    assertEquals(List.of("200000+200000 level 2 bits 83"), leaves(domain));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.10", "6.1", "6.12"})
  void aRunGoesAsAWholeWhereverItBegins(String series) {
    Rig rig = boot(series);
    IommuApi iommu = rig.system().iommu();
    IommuDomain domain = alloc(rig);
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertEquals(0, iommu.map(domain, 0x2f_f000, 0x50_1000, 0x20_0000, BOTH_WAYS));
    assertEquals(0x20_0000, iommu.unmap(domain, 0x2f_f000, 0x20_0000));
    assertEquals(List.of(), leaves(domain));
  }

  @Test
  void identityIsASharedDomainAndLaterAnEntryWithANumberOfItsOwn() {
    assertEquals(2, identity("6.1").domainId());
    HardwareEntry entry = identity("6.12");
    assertEquals(1, entry.domainId());
    assertEquals(4, entry.levels());
    assertEquals(Mode.LEGACY, entry.mode());
  }

  private static HardwareEntry identity(String series) {
    Rig rig = Rig.boot(new PassingUnit(), " iommu=pt", KernelReleases.named(series).orElseThrow());
    assertEquals(DomainType.IDENTITY, rig.system().domain(rig.address()).orElseThrow().type());
    assertTrue(rig.canRead(0x40_0000));
    HardwareEntry entry = rig.system().hardwareEntry(rig.address()).orElseThrow();
    assertEquals(Stage.NONE, entry.stage());
    IommuApi iommu = rig.system().iommu();
    IommuDomain own = alloc(rig);
    assertEquals(0, iommu.attachDevice(own, rig.address()));
    assertFalse(rig.canRead(0x40_0000));
    iommu.detachDevice(own, rig.address());
    assertTrue(rig.canRead(0x40_0000));
    return entry;
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void mappingsOfTheDmaApiReachWhatTheyAreAboutAndNothingAfterwards(String series) {
    Rig rig = boot(series);
    long phys = rig.allocPages(0);
    long dmaAddr =
        rig.dma().mapPage(rig.device(), phys, 0x123, 0x456, DmaDirection.BIDIRECTIONAL, 0);
    assertEquals(phys + 0x123, rig.seenPhys(dmaAddr));
    assertTrue(rig.canRead(dmaAddr));
    rig.dma().unmapPage(rig.device(), dmaAddr, 0x456, DmaDirection.BIDIRECTIONAL, 0);
    assertFalse(rig.canRead(dmaAddr));
    assertEquals(0, rig.seenPhys(dmaAddr));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void aDriverGoesOnMappingInItsOwnDomainWhileSomebodyElsesIsAttached(String series) {
    Rig rig = boot(series);
    IommuApi iommu = rig.system().iommu();
    IommuDomain own = alloc(rig);
    assertEquals(0, iommu.attachDevice(own, rig.address()));
    long phys = rig.allocPages(0);
    long dmaAddr = rig.dma().mapPage(rig.device(), phys, 0, 0x1000, DmaDirection.BIDIRECTIONAL, 0);
    assertFalse(rig.canRead(dmaAddr));
    iommu.detachDevice(own, rig.address());
    assertTrue(rig.canRead(dmaAddr));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void faultsAreToldInHexadecimalNumbers(String series) {
    Rig rig = boot(series);
    rig.system().takeLog();
    assertFalse(rig.canRead(0x2000));
    assertEquals(
        List.of(
            "DMAR: DRHD: handling fault status reg 2",
            "DMAR: [DMA Read NO_PASID] Request device [00:03.0] fault addr 0x2000"
                + " [fault reason 0x06] PTE Read access is not set"),
        rig.system().takeLog());
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.1", "6.12"})
  void whatFirmwareWantsIsMappedInPagesOfFourKilobytes(String series) {
    Rig rig = boot(series).with(KitMachine.OTHER);
    List<String> leaves = leaves(rig.system().domain(rig.address()).orElseThrow());
    assertEquals(16, leaves.size());
    assertEquals("800000+1000 level 1 bits 3", leaves.get(0));
  }

  /** A unit that can let requests pass through. */
  private record PassingUnit() implements VendorFixture {
    @Override
    public IommuVendor vendor() {
      return IntelFixture.STRICT_QUEUE.vendor();
    }

    @Override
    public void mark(MachineBuilder machine) {
      IntelFixture.STRICT_QUEUE.mark(machine);
      IntelFixture.STRICT_QUEUE.markUnit(machine, 1 << 6);
    }

    @Override
    public String commandLine() {
      return "intel_iommu=on";
    }

    @Override
    public int pageTableLevels() {
      return 4;
    }

    @Override
    public boolean mapsLargePages() {
      return true;
    }
  }
}

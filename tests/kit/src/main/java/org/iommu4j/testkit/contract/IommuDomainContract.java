package org.iommu4j.testkit.contract;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every vendor's {@link IommuDomain} promises an owner other than the DMA API: it holds what
 * is mapped and nothing else, the attached device reaches just that, and all memory comes back.
 */
public abstract class IommuDomainContract {
  private static final long IOVA = 0x40_0000L;
  private static final int BOTH_WAYS = IommuDomain.READ | IommuDomain.WRITE;

  private Rig rig;
  private IommuApi iommu;
  private IommuDomain domain;

  /** Makes a test. */
  @SuppressWarnings("NullAway.Init") // boot() sets the fields before each test
  protected IommuDomainContract() {}

  /** Returns the vendor whose domains are tested. */
  protected abstract VendorFixture fixture();

  @BeforeEach
  void boot() {
    rig = Rig.boot(fixture());
    iommu = rig.system().iommu();
    domain = Objects.requireNonNull(iommu.domainAlloc());
  }

  private void attach() {
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
  }

  private long leafBytes() {
    AtomicLong sum = new AtomicLong();
    domain.visit((iova, phys, length, level, bits) -> sum.addAndGet(length));
    return sum.get();
  }

  /** A new domain is for its owner's mappings, has pages, and says how far it reaches. */
  @Test
  public void aNewDomainIsEmptyAndHasPages() {
    assertTrue(iommu.present());
    assertEquals(DomainType.UNMANAGED, domain.type());
    assertNotEquals(0, domain.pageSizes());
    assertEquals(1, iommu.attribute(domain, DomainAttribute.PAGING));
    DomainGeometry geometry = iommu.geometry(domain);
    assertTrue(Long.compareUnsigned(geometry.firstIova(), geometry.lastIova()) < 0);
    assertEquals(0, leafBytes());
    assertEquals(0, iommu.iovaToPhys(domain, IOVA));
  }

  /** A range is split into pages, each of which translates; unmapping returns its size. */
  @Test
  public void aRangeIsMappedPageByPageAndUnmapped() {
    attach();
    long phys = 0x1234_5000L;
    long size = 0x30_3000L;
    assertEquals(0, iommu.map(domain, IOVA, phys, size, BOTH_WAYS));
    for (long at = 0; at < size; at += PAGE_BYTES) {
      assertEquals(phys + at + 7, iommu.iovaToPhys(domain, IOVA + at + 7));
    }
    assertEquals(0, iommu.iovaToPhys(domain, IOVA - 1));
    assertEquals(0, iommu.iovaToPhys(domain, IOVA + size));
    assertEquals(size, leafBytes());
    assertEquals(size, iommu.unmap(domain, IOVA, size));
    assertEquals(0, leafBytes());
  }

  /** An attached device reaches what is mapped, before and after it was attached. */
  @Test
  public void theDeviceReachesWhatIsMapped() {
    long before = rig.allocPages(0);
    long after = rig.allocPages(0);
    assertEquals(0, iommu.map(domain, IOVA, before, PAGE_BYTES, BOTH_WAYS));
    attach();
    assertEquals(0, iommu.map(domain, IOVA + PAGE_BYTES, after, PAGE_BYTES, BOTH_WAYS));
    rig.deviceWrites(IOVA + PAGE_BYTES - 2, new byte[] {1, 2, 3, 4});
    assertArrayEquals(new byte[] {1, 2}, rig.cpuReads(before + PAGE_BYTES - 2, 2));
    assertArrayEquals(new byte[] {3, 4}, rig.cpuReads(after, 2));
    assertArrayEquals(new byte[] {2, 3}, rig.deviceReads(IOVA + PAGE_BYTES - 1, 2));
  }

  /** When unmapping returns, the device reaches nothing there. */
  @Test
  public void theDeviceDoesNotReachWhatWasUnmapped() {
    attach();
    long page = rig.allocPages(0);
    assertEquals(0, iommu.map(domain, IOVA, page, PAGE_BYTES, BOTH_WAYS));
    assertTrue(rig.canRead(IOVA));
    assertEquals(PAGE_BYTES, iommu.unmap(domain, IOVA, PAGE_BYTES));
    assertFalse(rig.canRead(IOVA));
    assertFalse(rig.canWrite(IOVA, (byte) 1));
  }

  /** After a fast unmapping the device reaches nothing once what was gathered is synchronized. */
  @Test
  public void afterTheSyncNothingIsLeftOfAFastUnmapping() {
    attach();
    long pages = rig.allocPages(1);
    assertEquals(0, iommu.map(domain, IOVA, pages, 2 * PAGE_BYTES, BOTH_WAYS));
    assertTrue(rig.canRead(IOVA) && rig.canRead(IOVA + PAGE_BYTES));
    IotlbGather gather = new IotlbGather();
    assertEquals(PAGE_BYTES, iommu.unmapFast(domain, IOVA, PAGE_BYTES, gather));
    assertEquals(PAGE_BYTES, iommu.unmapFast(domain, IOVA + PAGE_BYTES, PAGE_BYTES, gather));
    iommu.iotlbSync(domain, gather);
    assertTrue(gather.isEmpty());
    assertFalse(rig.canRead(IOVA) || rig.canRead(IOVA + PAGE_BYTES));
  }

  /** A device that is attached leaves the DMA API's mappings, and finds them when it comes back. */
  @Test
  public void aDeviceLeavesItsDefaultDomainAndComesBack() {
    long page = rig.allocPages(0);
    long dmaAddr =
        rig.dma()
            .mapPage(
                rig.device(), page, 0, PAGE_BYTES, DmaDirection.BIDIRECTIONAL, DmaAttributes.NONE);
    assertTrue(rig.canRead(dmaAddr));
    attach();
    assertFalse(rig.canRead(dmaAddr));
    iommu.detachDevice(domain, rig.address());
    rig.deviceWrites(dmaAddr, new byte[] {42});
    assertEquals(42, rig.memory().read8(page));
  }

  /** A group is in one domain at a time. */
  @Test
  public void aGroupIsInOneDomainAtATime() {
    IommuGroup group = iommu.group(rig.address()).orElseThrow();
    IommuDomain usual = group.defaultDomain().orElseThrow();
    IommuDomain other = Objects.requireNonNull(iommu.domainAlloc());
    assertEquals(usual, iommu.domainForDevice(rig.address()).orElseThrow());
    assertEquals(0, iommu.attachGroup(domain, group));
    assertEquals(domain, iommu.domainForDevice(rig.address()).orElseThrow());
    assertEquals(Errno.EBUSY, iommu.attachGroup(other, group));
    assertEquals(Errno.EBUSY, iommu.attachGroup(domain, group));
    iommu.detachGroup(domain, group);
    assertEquals(usual, iommu.domainForDevice(rig.address()).orElseThrow());
    assertEquals(0, iommu.attachGroup(other, group));
  }

  /** What is no multiple of the smallest page is refused, with the kernel's words. */
  @Test
  public void anUnalignedRangeIsRefused() {
    assertNotNull(rig.system().takeLog());
    assertEquals(Errno.EINVAL, iommu.map(domain, IOVA, 0x1800, PAGE_BYTES, BOTH_WAYS));
    assertEquals(Errno.EINVAL, iommu.map(domain, IOVA + 1, 0x1000, PAGE_BYTES, BOTH_WAYS));
    assertEquals(0, iommu.unmap(domain, IOVA, 0x800));
    assertEquals(
        ImmutableList.of(
            "iommu: unaligned: iova 0x400000 pa 0x0000000000001800 size 0x1000 min_pagesz 0x1000",
            "iommu: unaligned: iova 0x400001 pa 0x0000000000001000 size 0x1000 min_pagesz 0x1000",
            "iommu: unaligned: iova 0x400000 size 0x800 min_pagesz 0x1000"),
        rig.system().takeLog());
    assertEquals(0, leafBytes());
  }

  /** A mapping that fails half-way leaves nothing behind. */
  @Test
  public void aMappingThatFailsIsUndone() {
    attach();
    long end = iommu.geometry(domain).lastIova() + 1;
    long start = end - 2 * PAGE_BYTES;
    assertTrue(iommu.map(domain, start, 0x10_1000, 4 * PAGE_BYTES, BOTH_WAYS) < 0);
    assertEquals(0, leafBytes());
    assertEquals(0, iommu.map(domain, start, 0x10_1000, 2 * PAGE_BYTES, BOTH_WAYS));
  }

  /** The entries of a list lie one after the other, those that touch as one. */
  @Test
  public void aListIsOneRunOfAddresses() {
    long pages = rig.allocPages(2);
    long other = rig.allocPages(0);
    ScatterList list = new ScatterList(3);
    list.add(pages, 0, PAGE_BYTES);
    list.add(pages + PAGE_BYTES, 0, PAGE_BYTES);
    list.add(other, 0, PAGE_BYTES);
    assertEquals(3 * PAGE_BYTES, iommu.mapSg(domain, IOVA, list, BOTH_WAYS));
    assertEquals(pages + PAGE_BYTES, iommu.iovaToPhys(domain, IOVA + PAGE_BYTES));
    assertEquals(other + 9, iommu.iovaToPhys(domain, IOVA + 2 * PAGE_BYTES + 9));
  }

  /** A list of which an entry fails leaves nothing behind, of those before it neither. */
  @Test
  public void aListThatFailsIsUndone() {
    attach();
    long start = iommu.geometry(domain).lastIova() + 1 - 2 * PAGE_BYTES;
    ScatterList list = new ScatterList(2);
    list.add(rig.allocPages(0), 0, PAGE_BYTES);
    list.add(rig.allocPages(2), 0, 4 * PAGE_BYTES);
    assertEquals(0, iommu.mapSg(domain, start, list, BOTH_WAYS));
    assertEquals(0, leafBytes());
  }

  /** Domains do not see each other's mappings. */
  @Test
  public void domainsAreApart() {
    IommuDomain other = Objects.requireNonNull(iommu.domainAlloc());
    assertEquals(0, iommu.map(domain, IOVA, 0x10_0000, PAGE_BYTES, BOTH_WAYS));
    assertEquals(0, iommu.iovaToPhys(other, IOVA));
  }

  /** Where addresses are what they are, nothing can be mapped or unmapped. */
  @Test
  public void anIdentityDomainIsNotForMapping() {
    Rig direct = Rig.boot(fixture(), " iommu=pt");
    IommuApi api = direct.system().iommu();
    IommuDomain identity = api.domainForDevice(KitMachine.DEVICE).orElseThrow();
    assertEquals(Errno.EINVAL, api.map(identity, IOVA, 0x1000, PAGE_BYTES, BOTH_WAYS));
    assertEquals(0, api.unmap(identity, IOVA, PAGE_BYTES));
  }

  /** A device that is attached from the identity domain reaches what is mapped only. */
  @Test
  public void passthroughEndsWithTheAttachment() {
    Rig direct = Rig.boot(fixture(), " iommu=pt");
    IommuApi api = direct.system().iommu();
    IommuDomain own = Objects.requireNonNull(api.domainAlloc());
    long page = direct.allocPages(0);
    assertTrue(direct.canRead(page));
    assertEquals(0, api.attachDevice(own, KitMachine.DEVICE));
    assertFalse(direct.canRead(page));
    api.detachDevice(own, KitMachine.DEVICE);
    assertTrue(direct.canRead(page));
  }

  /** A freed domain gives all page-table frames back, mappings or not. */
  @Test
  public void aFreedDomainGivesItsMemoryBack() {
    attach();
    iommu.detachDevice(domain, rig.address());
    iommu.domainFree(domain);
    long before = rig.usedFrames();
    IommuDomain own = Objects.requireNonNull(iommu.domainAlloc());
    assertEquals(0, iommu.attachDevice(own, rig.address()));
    for (long at = 0; at < 1 << 24; at += 0x11_3000) {
      assertEquals(0, iommu.map(own, at, at, PAGE_BYTES, BOTH_WAYS));
    }
    assertTrue(rig.usedFrames() > before);
    iommu.detachDevice(own, rig.address());
    iommu.domainFree(own);
    assertEquals(before, rig.usedFrames());
  }

  /** A device whose domain is freed beneath it reaches nothing, where the kernel sees to that. */
  @Test
  public void aDeviceWhoseDomainIsFreedReachesNothing() {
    assumeTrue(fixture().detachesFreedDomains());
    attach();
    long page = rig.allocPages(0);
    assertEquals(0, iommu.map(domain, IOVA, page, PAGE_BYTES, BOTH_WAYS));
    assertTrue(rig.canRead(IOVA));
    iommu.domainFree(domain);
    assertFalse(rig.canRead(IOVA));
    assertFalse(rig.canRead(page));
  }

  /** What firmware wants mapped is known to an owner, and not mapped for it. */
  @Test
  public void reservedRegionsAreToldAndNotMapped() {
    IommuGroup group = iommu.group(KitMachine.OTHER).orElseThrow();
    assertTrue(iommu.reservedRegions(group).contains(KitMachine.DIRECT));
    assertEquals(0, iommu.iovaToPhys(domain, KitMachine.DIRECT.first()));
  }
}

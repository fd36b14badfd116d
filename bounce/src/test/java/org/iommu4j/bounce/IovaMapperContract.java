package org.iommu4j.bounce;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.junit.jupiter.api.Test;

/** What holds for every {@link IovaMapper}: whoever has one inherits this. */
public abstract class IovaMapperContract {
  private static final long MASK = 0xffff_ffffL;
  private static final long PHYS_PFN = 0x12345;

  /** Returns what is tested, with nothing mapped. */
  protected abstract IovaMapper mapper();

  /** Returns a device that it maps for. */
  protected abstract Device device();

  /** Addresses are aligned to the power of two they fit in, and apart from each other. */
  @Test
  public void addressesAreAlignedAndApart() {
    IovaMapper mapper = mapper();
    long first = mapper.allocIova(device(), 3, MASK);
    long second = mapper.allocIova(device(), 4, MASK);
    assertNotEquals(IovaMapper.NO_IOVA_PFN, first);
    assertNotEquals(IovaMapper.NO_IOVA_PFN, second);
    assertEquals(0, (first | second) & 3);
    assertTrue(Math.abs(first - second) >= 4);
    mapper.freeIova(device(), first, 3);
    mapper.freeIova(device(), second, 4);
  }

  /** The mask is the highest address that is handed out. */
  @Test
  public void addressesAreWithinTheMask() {
    IovaMapper mapper = mapper();
    long pfn = mapper.allocIova(device(), 2, 0xff_ffffL);
    assertTrue(pfn > 0 && pfn + 2 <= 0x1000);
    mapper.freeIova(device(), pfn, 2);
  }

  /** Where there is no room that is an answer: page 0 is nobody's. */
  @Test
  public void aMaskOfOnePageHasNoRoom() {
    assertEquals(IovaMapper.NO_IOVA_PFN, mapper().allocIova(device(), 1, PAGE_BYTES - 1));
  }

  /** Pages are translated as they were mapped until their range is unmapped. */
  @Test
  public void whatIsMappedIsTranslatedUntilItIsUnmapped() {
    IovaMapper mapper = mapper();
    long pfn = mapper.allocIova(device(), 2, MASK);
    assertTrue(mapper.map(device(), pfn, PHYS_PFN, 2, DmaDirection.BIDIRECTIONAL));
    long iova = pfn << PAGE_SHIFT;
    assertEquals(PHYS_PFN << PAGE_SHIFT, mapper.iovaToPhys(device(), iova));
    assertEquals((PHYS_PFN + 2 << PAGE_SHIFT) - 1, lastByte(mapper, iova));
    mapper.unmap(device(), iova, PAGE_BYTES + 1);
    assertEquals(0, mapper.iovaToPhys(device(), iova));
    assertEquals(0, lastByte(mapper, iova));
  }

  private long lastByte(IovaMapper mapper, long iova) {
    return mapper.iovaToPhys(device(), iova + 2 * PAGE_BYTES - 1);
  }

  /** A device that has no domain gets no address, and nothing is translated for it. */
  @Test
  public void aDeviceWithoutADomainHasNoAddresses() {
    Device stranger = new Device("0000:00:1e.7");
    IovaMapper mapper = mapper();
    assertEquals(IovaMapper.NO_IOVA_PFN, mapper.allocIova(stranger, 1, MASK));
    assertEquals(0, mapper.iovaToPhys(stranger, PAGE_BYTES));
  }
}

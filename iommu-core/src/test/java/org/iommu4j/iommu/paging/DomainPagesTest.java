package org.iommu4j.iommu.paging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;
import org.junit.jupiter.api.Test;

/** Which pages a range is cut into. */
class DomainPagesTest {
  private record Page(long iova, long phys, long sizeBytes) {}

  /** Takes as many pages as it is given, or one at a time, and writes them down. */
  private static final class Ledger implements IommuDomain {
    final List<Page> mapped = new ArrayList<>();
    final List<Page> unmapped = new ArrayList<>();
    final long pageSizes;
    final boolean takesMany;
    int calls;
    int failAt = -1;

    Ledger(long pageSizes, boolean takesMany) {
      this.pageSizes = pageSizes;
      this.takesMany = takesMany;
    }

    @Override
    public DomainType type() {
      return DomainType.DMA_FQ;
    }

    @Override
    public long pageSizes() {
      return pageSizes;
    }

    @Override
    public DomainGeometry geometry() {
      return new DomainGeometry(0, -1, false);
    }

    @Override
    public int map(long iova, long phys, long sizeBytes, int protection) {
      if (calls++ == failAt) {
        return -12;
      }
      mapped.add(new Page(iova, phys, sizeBytes));
      return 0;
    }

    @Override
    public long mapPages(long iova, long phys, long pageBytes, long pages, int protection) {
      if (!takesMany) {
        return IommuDomain.super.mapPages(iova, phys, pageBytes, pages, protection);
      }
      calls++;
      for (long at = 0; at < pages * pageBytes; at += pageBytes) {
        mapped.add(new Page(iova + at, phys + at, pageBytes));
      }
      return pages * pageBytes;
    }

    @Override
    public long unmap(long iova, long sizeBytes, IotlbGather gather) {
      unmapped.add(new Page(iova, iova, sizeBytes));
      return sizeBytes;
    }

    @Override
    public long unmapPages(long iova, long pageBytes, long pages, IotlbGather gather) {
      if (!takesMany) {
        return IommuDomain.super.unmapPages(iova, pageBytes, pages, gather);
      }
      for (long at = 0; at < pages * pageBytes; at += pageBytes) {
        unmap(iova + at, pageBytes, gather);
      }
      return pages * pageBytes;
    }

    @Override
    public long iovaToPhys(long iova) {
      throw new AssertionError("nobody asks");
    }

    @Override
    public void applyReservedRegion(ReservedRegion region) {
      throw new AssertionError("nobody asks");
    }

    @Override
    public void visit(LeafVisitor visitor) {
      throw new AssertionError("nobody asks");
    }
  }

  /** The largest page at each place, one after the other. */
  private static List<Page> expected(long sizes, long iova, long phys, long sizeBytes) {
    List<Page> pages = new ArrayList<>();
    for (long at = 0; at < sizeBytes; ) {
      long best = 0;
      for (long size = 4096; size <= sizeBytes - at; size <<= 1) {
        boolean fits = ((iova + at) % size | (phys + at) % size) == 0;
        best = fits && (sizes & size) != 0 ? size : best;
      }
      pages.add(new Page(iova + at, phys + at, best));
      at += best;
    }
    return pages;
  }

  @Property
  void rangesAreCutIntoTheLargestPages(
      @ForAll @LongRange(min = 0, max = 0x1f) long sizesAboveTheLeast,
      @ForAll @LongRange(min = 0, max = 300) long iovaPfn,
      @ForAll @LongRange(min = 0, max = 300) long physPfn,
      @ForAll boolean alike,
      @ForAll @LongRange(min = 1, max = 200) long pages,
      @ForAll boolean takesMany) {
    Ledger domain = new Ledger(4096 | sizesAboveTheLeast << 13, takesMany);
    DomainPages cut = new DomainPages(line -> {});
    long iova = iovaPfn << 12;
    long phys = alike ? iova : physPfn << 12;
    assertEquals(0, cut.map(domain, iova, phys, pages << 12, IommuDomain.READ));
    assertEquals(expected(domain.pageSizes, iova, phys, pages << 12), domain.mapped);
    assertTrue(!takesMany || domain.calls <= 11, "few calls do");
    assertEquals(pages << 12, cut.unmap(domain, iova, pages << 12, new IotlbGather()));
    assertEquals(expected(domain.pageSizes, iova, iova, pages << 12), domain.unmapped);
  }

  @Test
  void whatWasMappedBeforeAnErrorIsUnmapped() {
    Ledger domain = new Ledger(4096, false);
    domain.failAt = 3;
    DomainPages cut = new DomainPages(line -> {});
    assertEquals(-12, cut.map(domain, 0x1000, 0x8000, 5 << 12, IommuDomain.READ));
    assertEquals(3, domain.unmapped.size());
  }
}

package org.iommu4j.vtd.kit;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.testkit.Rig;
import org.junit.jupiter.api.Test;

/**
 * Entries of a list that have no bytes and begin with a page, and so are no page, for a remapped
 * device: {@code drivers/iommu/intel/iommu.c:__domain_mapping}.
 */
final class ListsOfNoBytesTest {

  private final Rig rig = Rig.boot(IntelFixture.STRICT_QUEUE);
  private final long page = rig.allocPages(1);
  private final ScatterList list = new ScatterList(3);

  private int map() {
    return rig.dma().mapSg(rig.device(), list, DmaDirection.TO_DEVICE, DmaAttributes.NONE);
  }

  private void unmap() {
    rig.dma().unmapSg(rig.device(), list, DmaDirection.TO_DEVICE, DmaAttributes.NONE);
  }

  @Test
  void atItsEndTheyGetNoAddress() {
    list.add(page, 100, 50);
    list.add(page, 0, 0);
    list.add(page, PAGE_BYTES, 0);
    assertEquals(3, map());
    assertEquals(100, list.dmaAddr(0) & (PAGE_BYTES - 1));
    assertEquals(0, list.dmaAddr(1));
    assertEquals(0, list.dmaAddr(2));
    unmap();
  }

  @Test
  void withinAPageTheyHaveAPageOfTheirOwn() {
    list.add(page, 100, 0);
    list.add(page, 0, 10);
    assertEquals(2, map());
    assertEquals(list.dmaAddr(0) - 100 + PAGE_BYTES, list.dmaAddr(1));
    unmap();
  }

  @Test
  void beforeOthersNoKernelSurvivesThem() {
    list.add(page, 0, 0);
    list.add(page, 0, 10);
    assertThrows(IllegalArgumentException.class, this::map);
  }

  @Test
  void aListOfNothingElseTakesAnAddressThatNothingGivesBack() {
    list.add(page, 0, 1);
    map();
    long first = list.dmaAddr(0);
    list.clear();
    list.add(page, 0, 0);
    assertEquals(1, map());
    assertEquals(0, list.dmaAddr(0));
    assertThrows(IllegalArgumentException.class, this::unmap);
    list.clear();
    list.add(page, 0, 1);
    map();
    assertNotEquals(first - PAGE_BYTES, list.dmaAddr(0));
    assertEquals(first - 2 * PAGE_BYTES, list.dmaAddr(0));
  }
}

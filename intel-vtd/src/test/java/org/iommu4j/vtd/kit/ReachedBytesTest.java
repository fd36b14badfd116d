package org.iommu4j.vtd.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import java.util.List;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.junit.jupiter.api.Test;

/** Exactly which bytes of memory a device reaches that has 1500 bytes of two pages mapped. */
final class ReachedBytesTest {
  private static final int OFFSET = 4096 - 100;
  private static final int SIZE = 1500;
  private static final int AREA_BYTES = 4 * 4096;

  /** Returns which bytes of four pages change when the device writes to all it has mapped. */
  private static RangeSet<Integer> written(Rig rig) {
    long area = rig.allocPages(2);
    rig.memory().fill(area, AREA_BYTES, (byte) 0x11);
    long page = area + 4096;
    DmaDirection direction = DmaDirection.BIDIRECTIONAL;
    long dmaAddr =
        rig.dma().mapPage(rig.device(), page, OFFSET, SIZE, direction, DmaAttributes.NONE);
    long firstIova = (dmaAddr & -4096L) - 4096;
    for (int i = 0; i < AREA_BYTES; i++) {
      rig.canWrite(firstIova + i, (byte) 0x22);
    }
    rig.dma().unmapPage(rig.device(), dmaAddr, SIZE, direction, DmaAttributes.NONE);
    RangeSet<Integer> changed = TreeRangeSet.create();
    byte[] found = rig.cpuReads(area, AREA_BYTES);
    for (int i = 0; i < AREA_BYTES; i++) {
      if (found[i] != 0x11) {
        changed.add(Range.closedOpen(i - 4096, i - 4096 + 1));
      }
    }
    return changed;
  }

  @Test
  void remappingOpensTheWholePages() {
    assertEquals(
        TreeRangeSet.create(List.of(Range.closedOpen(0, 8192))),
        written(Rig.bootDocked(IntelFixture.STRICT_QUEUE, KitMachine.DEVICE)));
  }

  @Test
  void bouncingOpensTheBufferAlone() {
    assertEquals(
        TreeRangeSet.create(List.of(Range.closedOpen(OFFSET, OFFSET + SIZE))),
        written(Rig.bootDocked(IntelFixture.STRICT_QUEUE, KitMachine.DOCKED)));
  }

  @Test
  void withoutAnIommuAllIsOpen() {
    Rig rig = Rig.bootDirect("");
    rig.dma().setMask(rig.device(), -1L);
    assertEquals(TreeRangeSet.create(List.of(Range.closedOpen(-4096, 12_288))), written(rig));
  }
}

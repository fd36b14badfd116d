package org.iommu4j.testkit;

import net.jqwik.api.Group;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.testkit.invariants.Isolation;
import org.iommu4j.testkit.invariants.StreamingInvariants;

/** The promise of the DMA API is kept where devices are mapped directly. */
@SuppressWarnings("ClassCanBeStatic") // groups are inner classes
final class DirectInvariantsTest {
  @Group
  final class Direct extends StreamingInvariants {
    @Override
    protected Rig boot() {
      Rig rig = Rig.bootDirect("");
      rig.dma().setMask(rig.device(), DmaMapping.bitMask(64));
      return rig;
    }

    @Override
    protected Isolation isolation() {
      return Isolation.NONE;
    }
  }

  @Group
  final class DirectOutOfReach extends StreamingInvariants {
    @Override
    protected Rig boot() {
      return Rig.bootDirect(""); // 32 bits, and buffers above 4 GiB
    }

    @Override
    protected Isolation isolation() {
      return Isolation.NONE;
    }
  }

  @Group
  final class DirectWithKeptOffsets extends StreamingInvariants {
    @Override
    protected Rig boot() {
      Rig rig = Rig.bootDirect("swiotlb=force");
      rig.device().setMinAlignMask(0xfff);
      return rig;
    }

    @Override
    protected Isolation isolation() {
      return Isolation.NONE;
    }
  }
}

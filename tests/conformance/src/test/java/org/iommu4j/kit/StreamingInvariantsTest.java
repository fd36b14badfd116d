package org.iommu4j.kit;

import net.jqwik.api.Group;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.invariants.Isolation;
import org.iommu4j.testkit.invariants.StreamingInvariants;
import org.iommu4j.toy.ToyFixture;

/** The promise of the DMA API is kept by all kinds of operations. */
@SuppressWarnings("ClassCanBeStatic") // groups are inner classes
final class StreamingInvariantsTest {
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

  @Group
  final class Remapped extends StreamingInvariants {
    @Override
    protected Rig boot() {
      return Rig.bootDocked(IntelFixture.STRICT_QUEUE, KitMachine.DEVICE);
    }

    @Override
    protected Isolation isolation() {
      return Isolation.PAGES;
    }
  }

  @Group
  final class Bounced extends StreamingInvariants {
    @Override
    protected Rig boot() {
      return Rig.bootDocked(IntelFixture.LAZY_QUEUE, KitMachine.DOCKED);
    }

    @Override
    protected Isolation isolation() {
      return Isolation.BYTES;
    }
  }

  @Group
  final class ToyRemapped extends StreamingInvariants {
    @Override
    protected Rig boot() {
      return Rig.bootDocked(new ToyFixture(), KitMachine.DEVICE);
    }

    @Override
    protected Isolation isolation() {
      return Isolation.PAGES;
    }
  }
}

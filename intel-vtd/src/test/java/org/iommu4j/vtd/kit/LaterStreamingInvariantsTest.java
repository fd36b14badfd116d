package org.iommu4j.vtd.kit;

import net.jqwik.api.Group;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.invariants.Isolation;
import org.iommu4j.testkit.invariants.StreamingInvariants;

/** The promise of the DMA API is kept by dma-iommu, for devices that are trusted or not. */
@SuppressWarnings("ClassCanBeStatic") // groups are inner classes
final class LaterStreamingInvariantsTest {
  @Group
  final class Remapped61 extends StreamingInvariants {
    @Override
    protected Rig boot() {
      return Rig.bootDocked(LaterFixture.STRICT_QUEUE_61, KitMachine.DEVICE);
    }

    @Override
    protected Isolation isolation() {
      return Isolation.PAGES;
    }
  }

  @Group
  final class Bounced61 extends StreamingInvariants {
    @Override
    protected Rig boot() {
      return Rig.bootDocked(LaterFixture.LAZY_REGISTERS_61, KitMachine.DOCKED);
    }

    @Override
    protected Isolation isolation() {
      return Isolation.BYTES;
    }
  }

  @Group
  final class Remapped612 extends StreamingInvariants {
    @Override
    protected Rig boot() {
      return Rig.bootDocked(LaterFixture.STRICT_QUEUE_612, KitMachine.DEVICE);
    }

    @Override
    protected Isolation isolation() {
      return Isolation.PAGES;
    }
  }

  @Group
  final class Bounced612 extends StreamingInvariants {
    @Override
    protected Rig boot() {
      return Rig.bootDocked(LaterFixture.LAZY_QUEUE_612, KitMachine.DOCKED);
    }

    @Override
    protected Isolation isolation() {
      return Isolation.BYTES;
    }
  }
}

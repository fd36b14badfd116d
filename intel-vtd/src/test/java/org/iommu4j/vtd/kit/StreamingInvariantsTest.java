package org.iommu4j.vtd.kit;

import net.jqwik.api.Group;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.invariants.Isolation;
import org.iommu4j.testkit.invariants.StreamingInvariants;

/** The promise of the DMA API is kept by operations that remap and by those that bounce. */
@SuppressWarnings("ClassCanBeStatic") // groups are inner classes
final class StreamingInvariantsTest {
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
}

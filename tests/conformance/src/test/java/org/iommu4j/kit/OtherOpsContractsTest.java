package org.iommu4j.kit;

import org.iommu4j.dma.DmaMapping;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.contract.DmaOpsContract;
import org.junit.jupiter.api.Nested;

/** Null operations and those that bounce keep the contract of all DMA operations. */
final class OtherOpsContractsTest {
  @Nested
  final class Direct extends DmaOpsContract {
    @Override
    protected Rig boot() {
      Rig rig = Rig.bootDirect("");
      rig.dma().setMaskAndCoherent(rig.device(), DmaMapping.bitMask(64));
      return rig;
    }
  }

  @Nested
  final class DirectOutOfReach extends DmaOpsContract {
    @Override
    protected Rig boot() {
      return Rig.bootDirect("");
    }
  }

  @Nested
  final class Bounced extends DmaOpsContract {
    @Override
    protected Rig boot() {
      return Rig.bootDocked(IntelFixture.STRICT_QUEUE, KitMachine.DOCKED);
    }
  }
}

package org.iommu4j.testkit;

import org.iommu4j.dma.DmaMapping;
import org.iommu4j.testkit.contract.DmaOpsContract;
import org.junit.jupiter.api.Nested;

/** A device without operations keeps the contract of all DMA operations. */
final class DirectOpsContractsTest {
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
}

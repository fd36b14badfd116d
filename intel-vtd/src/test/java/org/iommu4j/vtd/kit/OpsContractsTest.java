package org.iommu4j.vtd.kit;

import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.DmaOpsContract;
import org.iommu4j.testkit.contract.RemappingOpsContract;
import org.junit.jupiter.api.Nested;

/** Intel's operations keep the contract of those that remap, and those that bounce that of all. */
final class OpsContractsTest {
  @Nested
  final class LazyRegisters extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_REGISTERS;
    }
  }

  @Nested
  final class StrictRegisters extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_REGISTERS;
    }
  }

  @Nested
  final class LazyQueue extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_QUEUE;
    }
  }

  @Nested
  final class StrictQueue extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_QUEUE;
    }
  }

  @Nested
  final class CachingMode extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.CACHING_MODE;
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

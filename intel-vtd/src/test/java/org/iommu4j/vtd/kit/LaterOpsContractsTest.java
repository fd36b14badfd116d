package org.iommu4j.vtd.kit;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.RemappingOpsContract;
import org.junit.jupiter.api.Nested;

/** The operations of dma-iommu keep their contract on domains of VT-d. */
final class LaterOpsContractsTest {
  @Nested
  final class LazyRegisters61 extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.LAZY_REGISTERS_61;
    }
  }

  @Nested
  final class StrictQueue61 extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.STRICT_QUEUE_61;
    }
  }

  @Nested
  final class LazyQueue612 extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.LAZY_QUEUE_612;
    }
  }

  @Nested
  final class StrictQueue612 extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.STRICT_QUEUE_612;
    }
  }

  @Nested
  final class CachingMode612 extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.CACHING_MODE_612;
    }
  }
}

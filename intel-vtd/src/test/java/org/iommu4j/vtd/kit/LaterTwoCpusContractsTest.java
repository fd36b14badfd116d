package org.iommu4j.vtd.kit;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.TwoCpusContract;
import org.junit.jupiter.api.Nested;

/** Two CPUs map for one device at once, with dma-iommu on domains of VT-d. */
final class LaterTwoCpusContractsTest {
  @Nested
  final class LazyRegisters61 extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.LAZY_REGISTERS_61;
    }
  }

  @Nested
  final class StrictQueue61 extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.STRICT_QUEUE_61;
    }
  }

  @Nested
  final class LazyQueue612 extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.LAZY_QUEUE_612;
    }
  }

  @Nested
  final class StrictQueue612 extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.STRICT_QUEUE_612;
    }
  }

  @Nested
  final class CachingMode612 extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.CACHING_MODE_612;
    }
  }
}

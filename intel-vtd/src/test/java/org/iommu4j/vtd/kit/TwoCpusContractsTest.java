package org.iommu4j.vtd.kit;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.TwoCpusContract;
import org.junit.jupiter.api.Nested;

/** Two CPUs map for one device at once, in each way of working. */
final class TwoCpusContractsTest {
  @Nested
  final class LazyRegisters extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_REGISTERS;
    }
  }

  @Nested
  final class StrictRegisters extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_REGISTERS;
    }
  }

  @Nested
  final class LazyQueue extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_QUEUE;
    }
  }

  @Nested
  final class StrictQueue extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_QUEUE;
    }
  }

  @Nested
  final class CachingMode extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.CACHING_MODE;
    }
  }
}

package org.iommu4j.kit;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.TwoCpusContract;
import org.iommu4j.toy.ToyFixture;
import org.junit.jupiter.api.Nested;

/** Two CPUs map for one device of each vendor at once. */
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

  @Nested
  final class Toy extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }
}

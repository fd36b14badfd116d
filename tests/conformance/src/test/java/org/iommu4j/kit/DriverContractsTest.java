package org.iommu4j.kit;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.IommuDriverContract;
import org.iommu4j.toy.ToyFixture;
import org.junit.jupiter.api.Nested;

/** Every vendor keeps the driver's contract. */
final class DriverContractsTest {
  @Nested
  final class LazyRegisters extends IommuDriverContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_REGISTERS;
    }
  }

  @Nested
  final class StrictRegisters extends IommuDriverContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_REGISTERS;
    }
  }

  @Nested
  final class LazyQueue extends IommuDriverContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_QUEUE;
    }
  }

  @Nested
  final class StrictQueue extends IommuDriverContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_QUEUE;
    }
  }

  @Nested
  final class CachingMode extends IommuDriverContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.CACHING_MODE;
    }
  }

  @Nested
  final class Toy extends IommuDriverContract {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }
}

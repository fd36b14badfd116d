package org.iommu4j.vtd.kit;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.IommuDriverContract;
import org.junit.jupiter.api.Nested;

/** VT-d keeps the driver's contract in each way of working. */
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
}

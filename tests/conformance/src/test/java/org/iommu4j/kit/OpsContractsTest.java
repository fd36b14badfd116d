package org.iommu4j.kit;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.RemappingOpsContract;
import org.iommu4j.toy.ToyFixture;
import org.junit.jupiter.api.Nested;

/** The operations of every vendor keep the contract of those that remap. */
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
  final class Toy extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }
}

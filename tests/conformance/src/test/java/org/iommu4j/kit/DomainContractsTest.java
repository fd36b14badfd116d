package org.iommu4j.kit;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.IommuDomainContract;
import org.iommu4j.toy.ToyFixture;
import org.junit.jupiter.api.Nested;

/** Every vendor keeps the contract of domains. */
final class DomainContractsTest {
  @Nested
  final class LazyRegisters extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_REGISTERS;
    }
  }

  @Nested
  final class StrictRegisters extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_REGISTERS;
    }
  }

  @Nested
  final class LazyQueue extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_QUEUE;
    }
  }

  @Nested
  final class StrictQueue extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_QUEUE;
    }
  }

  @Nested
  final class CachingMode extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.CACHING_MODE;
    }
  }

  @Nested
  final class Toy extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }
}

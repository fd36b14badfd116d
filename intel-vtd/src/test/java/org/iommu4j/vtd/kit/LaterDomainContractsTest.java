package org.iommu4j.vtd.kit;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.IommuDomainContract;
import org.junit.jupiter.api.Nested;

/** VT-d keeps the contract of domains in the releases after 5.10. */
final class LaterDomainContractsTest {
  @Nested
  final class LazyRegisters61 extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.LAZY_REGISTERS_61;
    }
  }

  @Nested
  final class StrictQueue61 extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.STRICT_QUEUE_61;
    }
  }

  @Nested
  final class LazyQueue612 extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.LAZY_QUEUE_612;
    }
  }

  @Nested
  final class StrictQueue612 extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.STRICT_QUEUE_612;
    }
  }

  @Nested
  final class CachingMode612 extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.CACHING_MODE_612;
    }
  }
}

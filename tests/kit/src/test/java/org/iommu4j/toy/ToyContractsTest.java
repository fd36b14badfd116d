package org.iommu4j.toy;

import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.contract.IommuDomainContract;
import org.iommu4j.testkit.contract.IommuDriverContract;
import org.iommu4j.testkit.contract.RemappingOpsContract;
import org.iommu4j.testkit.contract.TwoCpusContract;
import org.junit.jupiter.api.Nested;

/** A vendor keeps the contracts that stands on the core alone. */
final class ToyContractsTest {
  @Nested
  final class Domains extends IommuDomainContract {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }

  @Nested
  final class Driver extends IommuDriverContract {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }

  @Nested
  final class Ops extends RemappingOpsContract {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }

  @Nested
  final class TwoCpus extends TwoCpusContract {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }
}

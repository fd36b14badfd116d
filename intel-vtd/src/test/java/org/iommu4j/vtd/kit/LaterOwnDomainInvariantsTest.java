package org.iommu4j.vtd.kit;

import net.jqwik.api.Group;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.invariants.OwnDomainInvariants;

/** The invariants of domains of one's own hold in the releases after 5.10. */
@SuppressWarnings("ClassCanBeStatic") // groups are inner classes
final class LaterOwnDomainInvariantsTest {
  @Group
  final class LazyRegisters61 extends OwnDomainInvariants {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.LAZY_REGISTERS_61;
    }
  }

  @Group
  final class StrictQueue61 extends OwnDomainInvariants {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.STRICT_QUEUE_61;
    }
  }

  @Group
  final class LazyQueue612 extends OwnDomainInvariants {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.LAZY_QUEUE_612;
    }
  }

  @Group
  final class StrictQueue612 extends OwnDomainInvariants {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.STRICT_QUEUE_612;
    }
  }

  @Group
  final class CachingMode612 extends OwnDomainInvariants {
    @Override
    protected VendorFixture fixture() {
      return LaterFixture.CACHING_MODE_612;
    }
  }
}

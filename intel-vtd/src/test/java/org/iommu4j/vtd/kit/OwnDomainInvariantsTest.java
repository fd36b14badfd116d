package org.iommu4j.vtd.kit;

import net.jqwik.api.Group;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.invariants.OwnDomainInvariants;

/** The invariants of an owner's domain hold with large pages and with small ones. */
@SuppressWarnings("ClassCanBeStatic") // groups are inner classes
final class OwnDomainInvariantsTest {
  @Group
  final class LargePages extends OwnDomainInvariants {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_QUEUE;
    }
  }

  @Group
  final class SmallPages extends OwnDomainInvariants {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_REGISTERS;
    }
  }
}

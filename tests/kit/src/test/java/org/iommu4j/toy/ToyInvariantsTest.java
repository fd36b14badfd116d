package org.iommu4j.toy;

import net.jqwik.api.Group;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.invariants.Isolation;
import org.iommu4j.testkit.invariants.MappingInvariants;
import org.iommu4j.testkit.invariants.OwnDomainInvariants;
import org.iommu4j.testkit.invariants.StreamingInvariants;

/** The invariants hold of a vendor that stands on the core alone. */
@SuppressWarnings("ClassCanBeStatic") // groups are inner classes
final class ToyInvariantsTest {
  @Group
  final class Mappings extends MappingInvariants {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }

  @Group
  final class OwnDomain extends OwnDomainInvariants {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }

  @Group
  final class Streaming extends StreamingInvariants {
    @Override
    protected Rig boot() {
      return Rig.bootDocked(new ToyFixture(), KitMachine.DEVICE);
    }

    @Override
    protected Isolation isolation() {
      return Isolation.PAGES;
    }
  }
}

package org.iommu4j.vtd.kit;

import net.jqwik.api.Group;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.invariants.MappingInvariants;

/** The invariants hold of VT-d in each way of working. */
@SuppressWarnings("ClassCanBeStatic") // groups are inner classes
final class MappingInvariantsTest {
  @Group
  final class LazyRegisters extends MappingInvariants {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_REGISTERS;
    }
  }

  @Group
  final class StrictRegisters extends MappingInvariants {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_REGISTERS;
    }
  }

  @Group
  final class LazyQueue extends MappingInvariants {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.LAZY_QUEUE;
    }
  }

  @Group
  final class StrictQueue extends MappingInvariants {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.STRICT_QUEUE;
    }
  }

  @Group
  final class CachingMode extends MappingInvariants {
    @Override
    protected VendorFixture fixture() {
      return IntelFixture.CACHING_MODE;
    }
  }
}

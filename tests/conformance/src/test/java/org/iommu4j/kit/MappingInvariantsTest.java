package org.iommu4j.kit;

import net.jqwik.api.Group;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.testkit.invariants.MappingInvariants;
import org.iommu4j.toy.ToyFixture;

/** The invariants hold of every vendor. */
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

  @Group
  final class Toy extends MappingInvariants {
    @Override
    protected VendorFixture fixture() {
      return new ToyFixture();
    }
  }
}

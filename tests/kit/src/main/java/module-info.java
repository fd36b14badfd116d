/** The published test kit: contracts that a vendor inherits, invariants, example devices. */
module org.iommu4j.testkit {
  requires static org.apiguardian.api;
  requires static org.jspecify;
  requires transitive org.iommu4j.iommu;
  requires transitive org.iommu4j.iova;
  requires transitive org.junit.jupiter.api;
  requires transitive net.jqwik.api;

  exports org.iommu4j.testkit;
  exports org.iommu4j.testkit.attack;
  exports org.iommu4j.testkit.contract;
  exports org.iommu4j.testkit.devices;
  exports org.iommu4j.testkit.invariants;
  exports org.iommu4j.testkit.skeleton;
}

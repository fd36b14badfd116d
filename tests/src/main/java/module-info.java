/** The published test kit: contracts that a vendor inherits, generators, examples. */
module org.iommu4j.testkit {
  requires static org.jspecify;
  requires transitive org.iommu4j.iommu;
}

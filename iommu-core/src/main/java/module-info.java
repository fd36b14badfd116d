/** Boot, policies, groups, domains, and the interface that an IOMMU's vendor implements. */
module org.iommu4j.iommu {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;
  requires jdk.jfr;
  requires transitive org.iommu4j.base;
  requires transitive org.iommu4j.dma;
  requires transitive org.iommu4j.iova;
  requires transitive org.iommu4j.machine;
  requires org.iommu4j.passthrough;
  requires transitive org.iommu4j.swiotlb;
  requires transitive com.google.common;

  exports org.iommu4j.iommu;
  exports org.iommu4j.iommu.decision;
  exports org.iommu4j.iommu.dma;
  exports org.iommu4j.iommu.dma.release;
  exports org.iommu4j.iommu.domain;
  exports org.iommu4j.iommu.fault;
  exports org.iommu4j.iommu.policy;
  exports org.iommu4j.iommu.policy.params;
  exports org.iommu4j.iommu.release;
  exports org.iommu4j.iommu.release.history;
  exports org.iommu4j.iommu.spi;

  provides org.iommu4j.base.trace.Tracepoints with
      org.iommu4j.iommu.dma.DmaIommuTracepoints;

  uses org.iommu4j.iommu.spi.IommuVendor;
}

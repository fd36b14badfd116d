/**
 * Machine facts, PCI, policy, groups, domains, and the interface that an IOMMU's vendor implements.
 */
module org.iommu4j.iommu {
  requires static org.jspecify;
  requires jdk.jfr;
  requires static com.google.errorprone.annotations;
  requires transitive org.iommu4j.dma;
  requires transitive org.iommu4j.swiotlb;
  requires transitive com.google.common;
  requires org.apache.commons.compress;

  exports org.iommu4j.iommu;
  exports org.iommu4j.iommu.answers;
  exports org.iommu4j.iommu.fault;
  exports org.iommu4j.iommu.input;
  exports org.iommu4j.iommu.machine;
  exports org.iommu4j.iommu.iova;
  exports org.iommu4j.iommu.pci;
  exports org.iommu4j.iommu.pci.quirks;
  exports org.iommu4j.iommu.policy;
  exports org.iommu4j.iommu.policy.params;
  exports org.iommu4j.iommu.replay;
  exports org.iommu4j.iommu.spi;
  exports org.iommu4j.iommu.trace;

  uses org.iommu4j.iommu.spi.FaultDecoder;
  uses org.iommu4j.iommu.spi.IommuVendor;
  uses org.iommu4j.iommu.spi.UntrustedOpsProvider;
  uses org.iommu4j.swiotlb.DirectOpsProvider;

  provides org.iommu4j.dma.trace.Tracepoints with
      org.iommu4j.iommu.iova.IovaTracepoints;
}

/** Null DMA operations: direct mapping. */
module org.iommu4j.passthrough {
  requires static org.jspecify;
  requires jdk.jfr;
  requires transitive org.iommu4j.base;
  requires transitive org.iommu4j.dma;
  requires transitive org.iommu4j.swiotlb;

  provides org.iommu4j.swiotlb.DirectOpsProvider with
      org.iommu4j.passthrough.PassthroughProvider;
  provides org.iommu4j.base.trace.Tracepoints with
      org.iommu4j.passthrough.DirectTracepoints;
}

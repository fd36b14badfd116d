/** DMA operations for devices that are not trusted. */
module org.iommu4j.bounce {
  requires static org.jspecify;
  requires jdk.jfr;
  requires transitive org.iommu4j.base;
  requires transitive org.iommu4j.dma;
  requires transitive org.iommu4j.swiotlb;

  exports org.iommu4j.bounce;

  provides org.iommu4j.base.trace.Tracepoints with
      org.iommu4j.bounce.BounceTracepoints;
}

/** What a driver calls: devices, their DMA operations and the memory that they move. */
@SuppressWarnings("module") // the modules that may use the locks are built later
module org.iommu4j.dma {
  requires static org.jspecify;
  requires transitive jdk.jfr;
  requires static com.google.errorprone.annotations;

  exports org.iommu4j.dma;
  exports org.iommu4j.dma.trace;
  exports org.iommu4j.dma.lock to
      org.iommu4j.swiotlb,
      org.iommu4j.iommu;

  uses org.iommu4j.dma.trace.Tracepoints;

  provides org.iommu4j.dma.trace.Tracepoints with
      org.iommu4j.dma.DmaTracepoints;
}

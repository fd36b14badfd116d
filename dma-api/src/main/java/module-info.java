/** What a driver calls: devices, their DMA operations and the memory that they move. */
module org.iommu4j.dma {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;
  requires transitive org.iommu4j.base;

  exports org.iommu4j.dma;

  provides org.iommu4j.base.trace.Tracepoints with
      org.iommu4j.dma.DmaTracepoints;
}

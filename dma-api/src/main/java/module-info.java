/** What a driver calls: devices, their DMA operations and the memory that they move. */
module org.iommu4j.dma {
  requires static org.jspecify;
  requires transitive jdk.jfr;
  requires static com.google.errorprone.annotations;

  exports org.iommu4j.dma;
  exports org.iommu4j.dma.trace;

  uses org.iommu4j.dma.trace.Tracepoints;

  provides org.iommu4j.dma.trace.Tracepoints with
      org.iommu4j.dma.DmaTracepoints;
}

/** The pool of bounce slots for memory that a device cannot or must not reach. */
module org.iommu4j.swiotlb {
  requires static org.jspecify;
  requires jdk.jfr;
  requires static com.google.errorprone.annotations;
  requires transitive org.iommu4j.base;
  requires transitive org.iommu4j.dma;

  exports org.iommu4j.swiotlb;

  provides org.iommu4j.base.trace.Tracepoints with
      org.iommu4j.swiotlb.SwiotlbTracepoints;
}

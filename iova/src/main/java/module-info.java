/** The allocator of I/O addresses and the flush queue. */
module org.iommu4j.iova {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;
  requires transitive org.iommu4j.base;
  requires com.google.common;

  exports org.iommu4j.iova;

  provides org.iommu4j.base.trace.Tracepoints with
      org.iommu4j.iova.IovaTracepoints;
}

/** What all kernel code has: errno, time, CPUs, locks, tracepoints, releases. */
@SuppressWarnings("module") // the modules that may use the locks are built later
module org.iommu4j.base {
  requires static org.jspecify;
  requires transitive jdk.jfr;
  requires static com.google.errorprone.annotations;
  requires com.google.common;

  exports org.iommu4j.base;
  exports org.iommu4j.base.trace;
  exports org.iommu4j.base.lock to
      org.iommu4j.iova,
      org.iommu4j.swiotlb;

  uses org.iommu4j.base.trace.Tracepoints;
}

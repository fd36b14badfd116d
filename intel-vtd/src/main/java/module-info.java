/** Intel VT-d: the DMAR table, the remapping hardware, the Linux driver and its DMA operations. */
module org.iommu4j.vtd {
  requires static org.jspecify;
  requires jdk.jfr;
  requires static com.google.errorprone.annotations;
  requires transitive org.iommu4j.base;
  requires org.iommu4j.bounce;
  requires transitive org.iommu4j.dma;
  requires transitive org.iommu4j.iommu;
  requires transitive org.iommu4j.iova;
  requires transitive org.iommu4j.machine;
  requires com.google.common;

  exports org.iommu4j.vtd.dmar;
  exports org.iommu4j.vtd.report;

  provides org.iommu4j.iommu.spi.IommuVendor with
      org.iommu4j.vtd.VtdVendor;
  provides org.iommu4j.base.trace.Tracepoints with
      org.iommu4j.vtd.driver.IntelTracepoints,
      org.iommu4j.vtd.dma.IntelDmaTracepoints;
}

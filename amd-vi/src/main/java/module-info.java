/** AMD-Vi: what its driver says of refused requests. */
module org.iommu4j.amdvi {
  requires static org.jspecify;
  requires com.google.common;
  requires org.iommu4j.iommu;
  requires org.iommu4j.machine;

  provides org.iommu4j.iommu.spi.IommuVendor with
      org.iommu4j.amdvi.AmdVendor;
}

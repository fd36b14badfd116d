/**
 * Devices in the hands of user space and guests: containers, groups, and what stands in the way.
 */
module org.iommu4j.vfio {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;
  requires transitive org.iommu4j.base;
  requires transitive org.iommu4j.dma;
  requires transitive org.iommu4j.iommu;
  requires transitive org.iommu4j.machine;
  requires transitive com.google.common;

  exports org.iommu4j.vfio.assign;
  exports org.iommu4j.vfio;
  exports org.iommu4j.vfio.process;
  exports org.iommu4j.vfio.uapi;
}

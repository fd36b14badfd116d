/** The iommu4j command. */
module org.iommu4j.cli {
  requires static org.jspecify;
  requires org.iommu4j.evidence;
  requires org.iommu4j.iommu;
  requires org.iommu4j.machine;
  requires org.iommu4j.vfio;
  requires org.iommu4j.vtd;
  requires com.google.common;
  requires com.fasterxml.jackson.databind;
  requires info.picocli;

  opens org.iommu4j.cli to
      info.picocli;
}

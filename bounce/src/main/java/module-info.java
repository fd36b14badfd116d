/** DMA operations for devices that are not trusted. */
module org.iommu4j.bounce {
  requires static org.jspecify;
  requires transitive org.iommu4j.dma;
  requires org.iommu4j.iommu;
}

/** What a driver calls: devices, their DMA operations and the memory that they move. */
module org.iommu4j.dma {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;

  exports org.iommu4j.dma;
}

/** Facts: PCI, firmware tables, memory, the command line; how they are read. */
module org.iommu4j.machine {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;
  requires transitive org.iommu4j.base;
  requires transitive org.iommu4j.dma;
  requires transitive com.google.common;
  requires org.apache.commons.compress;

  exports org.iommu4j.machine;
  exports org.iommu4j.machine.input;
  exports org.iommu4j.machine.pci;
  exports org.iommu4j.machine.pci.quirks;
}

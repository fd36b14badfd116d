/** What real kernels said: answers, transcripts, traces, fault lines; replays and comparisons. */
module org.iommu4j.evidence {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;
  requires transitive org.iommu4j.base;
  requires transitive org.iommu4j.dma;
  requires transitive org.iommu4j.iommu;
  requires transitive org.iommu4j.iova;
  requires transitive org.iommu4j.machine;
  requires transitive com.google.common;
  requires org.apache.commons.compress;

  exports org.iommu4j.evidence.answers;
  exports org.iommu4j.evidence.fault;
  exports org.iommu4j.evidence.path;
  exports org.iommu4j.evidence.replay;
  exports org.iommu4j.evidence.trace;
}

package org.iommu4j.evidence.replay;

import java.util.List;
import org.iommu4j.iommu.spi.IommuDomain.LeafVisitor;

/** Puts leaves together that continue each other, and writes a line for each run. */
final class LeafRuns implements LeafVisitor {
  private final List<String> lines;
  private long iova;
  private long phys;
  private long lengthBytes;
  private int level;
  private long bits;

  LeafRuns(List<String> lines) {
    this.lines = lines;
  }

  @Override
  public void leaf(
      long leafIova, long leafPhys, long leafLengthBytes, int leafLevel, long leafBits) {
    if (lengthBytes != 0
        && iova + lengthBytes == leafIova
        && phys + lengthBytes == leafPhys
        && bits == leafBits
        && level == leafLevel) {
      lengthBytes += leafLengthBytes;
      return;
    }
    end();
    iova = leafIova;
    phys = leafPhys;
    lengthBytes = leafLengthBytes;
    level = leafLevel;
    bits = leafBits;
  }

  /** Writes the last run's line. */
  void end() {
    if (lengthBytes != 0) {
      lines.add(
          String.format(
              "  pte iova=0x%x phys=0x%x len=0x%x level=%d bits=0x%x",
              iova, phys, lengthBytes, level, bits));
    }
  }
}

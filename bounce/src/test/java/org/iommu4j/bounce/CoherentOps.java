package org.iommu4j.bounce;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.swiotlb.EntrywiseDmaOps;
import org.jspecify.annotations.Nullable;

/** Operations that have coherent memory and map nothing. */
final class CoherentOps extends EntrywiseDmaOps {
  final List<CoherentBuffer> buffers = new ArrayList<>();

  CoherentOps() {
    super(0);
  }

  private static UnsupportedOperationException notCoherent() {
    return new UnsupportedOperationException("only coherent memory comes from here");
  }

  @Override
  public String symbol() {
    return "coherent_ops";
  }

  @Override
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    buffers.add(new CoherentBuffer(0x5000, 0x6000, sizeBytes));
    return buffers.get(buffers.size() - 1);
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    buffers.remove(buffer);
  }

  @Override
  protected long mapEntry(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    throw notCoherent();
  }

  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    throw notCoherent();
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    throw notCoherent();
  }

  @Override
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    throw notCoherent();
  }

  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    throw notCoherent();
  }
}

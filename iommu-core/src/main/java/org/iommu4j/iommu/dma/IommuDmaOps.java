package org.iommu4j.iommu.dma;

import static org.iommu4j.base.trace.KernelCall.begun;

import org.iommu4j.dma.CoherentBuffer;
import org.iommu4j.dma.CommonPages;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.DmaPages;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.dma.DmaIommuRules.Trait;
import org.iommu4j.iommu.spi.IommuDomain;
import org.jspecify.annotations.Nullable;

/**
 * The DMA operations of one device whose addresses an IOMMU translates, whoever made that.
 *
 * <p>Thread-safe; allocates nothing on the map and unmap paths unless something fails.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_ops}.
 */
class IommuDmaOps implements DmaOps {
  private final String symbol;
  private final DeviceMapper mapper;
  private final ListMapper lists;
  private final CommonPages commonPages;
  private final CoherentMemory block;
  private final CoherentMemory coherent;
  private final boolean looksUpBeforeUnmap;
  private final boolean tellsListErrors;
  private final long bestBytes;

  /**
   * Makes the operations of one device.
   *
   * @param commonPages where pages come from that are mapped as buffers
   * @param block coherent memory for those who want one block
   * @param coherent coherent memory for all others
   */
  IommuDmaOps(
      DmaIommuRules rules,
      DeviceMapper mapper,
      CommonPages commonPages,
      CoherentMemory block,
      CoherentMemory coherent) {
    this.symbol = rules.opsSymbol();
    this.mapper = mapper;
    this.lists = new ListMapper(mapper, rules);
    this.commonPages = commonPages;
    this.block = block;
    this.coherent = coherent;
    this.looksUpBeforeUnmap = rules.does(Trait.LOOKS_UP_BEFORE_UNMAP);
    this.tellsListErrors = rules.does(Trait.TELLS_LIST_ERRORS);
    this.bestBytes =
        rules.does(Trait.TELLS_BEST_SIZE) ? DmaSpace.CACHED_BYTES : DmaMapping.NO_LIMIT;
  }

  final DeviceMapper mapper() {
    return mapper;
  }

  final long physOf(long dmaAddr) {
    return mapper.space().domain().iovaToPhys(dmaAddr);
  }

  @Override
  public String symbol() {
    return symbol;
  }

  @Override
  public long mapPage(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    DmaIommuCalls.MapPage call = begun(DmaIommuCalls.MapPage.OFF);
    long dmaAddr = mapSeen(device, phys, sizeBytes, direction, attributes);
    call.done(device, phys, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  /** Maps what the device is to see. */
  final long mapSeen(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    int protection = DeviceMapper.protection(direction, attributes);
    return mapper.map(device, phys, sizeBytes, protection, DmaMapping.getMask(device));
  }

  @Override
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    DmaIommuCalls.UnmapPage call = begun(DmaIommuCalls.UnmapPage.OFF);
    if (!looksUpBeforeUnmap || physOf(dmaAddr) != 0) {
      mapper.unmap(dmaAddr, sizeBytes);
    }
    call.done(device, dmaAddr, sizeBytes, direction, attributes);
  }

  @Override
  public int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    return told(lists.map(device, list, DeviceMapper.protection(direction, attributes)));
  }

  /** Returns a number of segments or an error as the caller is told of it. */
  final int told(int answer) {
    return answer < 0 && !tellsListErrors ? 0 : answer;
  }

  @Override
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    lists.unmap(list);
  }

  @Override
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    int protection = DeviceMapper.uncachedProtection(direction, attributes) | IommuDomain.MMIO;
    return mapper.map(device, phys, sizeBytes, protection, DmaMapping.getMask(device));
  }

  @Override
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    mapper.unmap(dmaAddr, sizeBytes);
  }

  @Override
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    return formOf(attributes).allocate(device, sizeBytes, attributes);
  }

  @Override
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    (buffer.pieces().isEmpty() ? block : coherent).free(buffer);
  }

  private CoherentMemory formOf(int attributes) {
    return (attributes & DmaAttributes.FORCE_CONTIGUOUS) != 0 ? block : coherent;
  }

  @Override
  public @Nullable DmaPages allocPages(Device device, long sizeBytes, DmaDirection direction) {
    return commonPages.allocPages(this, device, sizeBytes, direction);
  }

  @Override
  public void freePages(Device device, DmaPages pages) {
    commonPages.freePages(this, device, pages);
  }

  @Override
  public boolean exportsCoherent() {
    return true;
  }

  /**
   * Returns true: whatever the device reaches, an address is looked for there.
   *
   * <p>Source: {@code kernel/dma/mapping.c:dma_supported}.
   */
  @Override
  public boolean isSupported(Device device, long mask) {
    return true;
  }

  @Override
  public boolean needsSync(Device device, long dmaAddr) {
    return true;
  }

  @Override
  public long mergeBoundary(Device device) {
    return mapper.space().granuleMask();
  }

  @Override
  public long bestMappingSizeBytes(Device device) {
    return bestBytes;
  }
}

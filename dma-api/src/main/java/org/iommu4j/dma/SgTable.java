package org.iommu4j.dma;

import java.util.List;
import java.util.Objects;
import org.iommu4j.base.Errno;
import org.iommu4j.base.Pages;

/**
 * A list of buffer pieces together with how many entries the device has to follow; the calls on it
 * answer with error numbers where those on a {@link ScatterList} answer with counts.
 *
 * <p>Not thread-safe.
 *
 * <p>Source: {@code include/linux/scatterlist.h:struct sg_table}, {@code
 * include/linux/dma-mapping.h:dma_map_sgtable}.
 */
public final class SgTable {

  private final ScatterList entries;
  private int mappedEntries;

  /** Makes a table of a list, all entries of which the device has to follow for now. */
  public SgTable(ScatterList entries) {
    this.entries = Objects.requireNonNull(entries, "entries");
    this.mappedEntries = entries.size();
  }

  /** Returns the list. */
  public ScatterList entries() {
    return entries;
  }

  /** Returns how many entries the device has to follow. */
  public int mappedEntries() {
    return mappedEntries;
  }

  /**
   * Maps the table.
   *
   * @return 0, or if it could not be mapped the error number that its operations tell, -22 (EINVAL)
   *     if they tell none
   */
  public int mapSgtable(DmaMapping dma, Device device, DmaDirection direction, int attributes) {
    int mapped = dma.mapSgTold(device, entries, direction, attributes);
    if (mapped <= 0) {
      return mapped == 0 ? Errno.EINVAL : mapped;
    }
    mappedEntries = mapped;
    return 0;
  }

  /** Undoes {@link #mapSgtable}. */
  public void unmapSgtable(DmaMapping dma, Device device, DmaDirection direction, int attributes) {
    dma.unmapSg(device, entries, direction, attributes);
  }

  /** Lets the CPU see what the device wrote. */
  public void syncSgtableForCpu(DmaMapping dma, Device device, DmaDirection direction) {
    dma.syncSgForCpu(device, entries, direction);
  }

  /** Lets the device see what the CPU wrote. */
  public void syncSgtableForDevice(DmaMapping dma, Device device, DmaDirection direction) {
    dma.syncSgForDevice(device, entries, direction);
  }

  /**
   * Makes the table list a piece of coherent memory, for somebody else to map.
   *
   * <p>Source: {@code kernel/dma/mapping.c:dma_get_sgtable_attrs}.
   *
   * @return 0, or -6 (ENXIO) if the device's operations do not tell
   */
  public int getSgtable(DmaMapping dma, Device device, CoherentBuffer buffer) {
    if (!dma.canMmap(device)) {
      return Errno.ENXIO;
    }
    entries.clear();
    if (buffer.pieces().isEmpty()) {
      entries.add(buffer.phys(), 0, Math.toIntExact(Pages.alignUp(buffer.sizeBytes())));
    } else {
      listRuns(buffer);
    }
    mappedEntries = entries.size();
    return 0;
  }

  /**
   * Lists what lies side by side as one entry; the last ends where the buffer does.
   *
   * <p>Source: {@code lib/scatterlist.c:sg_alloc_append_table_from_pages}.
   */
  private void listRuns(CoherentBuffer buffer) {
    List<PhysRange> pieces = buffer.pieces();
    long leftBytes = buffer.sizeBytes();
    for (int i = 0; i < pieces.size(); ) {
      long startPhys = pieces.get(i).startPhys();
      long endPhys = pieces.get(i++).endPhys();
      while (i < pieces.size() && pieces.get(i).startPhys() == endPhys) {
        endPhys = pieces.get(i++).endPhys();
      }
      long runBytes = endPhys - startPhys;
      entries.add(startPhys, 0, Math.toIntExact(Math.min(leftBytes, runBytes)));
      leftBytes -= runBytes;
    }
  }
}

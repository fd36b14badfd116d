package org.iommu4j.bench;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import java.util.Random;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;

/**
 * The work of the rows B8: buffers that are copied to slots and back.
 *
 * <p>The slots taken move round the pool of 64 MiB, so that all but the buffer is cold. To the
 * device there are two copies (map, sync), from the device three (map, sync, unmap).
 */
final class BounceRows {
  private static final int LARGEST_BYTES = 64 << 10;
  private static final int POOL_PAGES = (64 << 20) / PAGE_BYTES;
  private static final long SEED = 0x9e37_79b9_7f4a_7c15L;

  private final DmaMapping dma;
  private final Device device;

  private BounceRows(Rig rig) {
    this.dma = rig.dma();
    this.device = rig.first();
  }

  /** Returns the work of a row, named by kind and size, on a machine of its own. */
  static Work of(String row) {
    int dash = row.indexOf('-');
    int sizeBytes = Integer.parseInt(row.substring(dash + 1));
    Rig rig = Rig.bootBouncing();
    if (row.startsWith("B8f")) {
      new BounceRows(rig).fill();
    }
    return forThread(rig, row.startsWith("B8rx"), sizeBytes, 0);
  }

  /** Returns the work of a thread, which has a buffer of its own. */
  static Work forThread(Rig rig, boolean fromDevice, int sizeBytes, int thread) {
    long phys = DmaRows.BUFFERS_PHYS + (long) thread * LARGEST_BYTES;
    // Memory that was never written would not be copied, but taken for zeros.
    rig.memory().fill(phys, LARGEST_BYTES, (byte) 7);
    BounceRows rows = new BounceRows(rig);
    return fromDevice ? () -> rows.rx(phys, sizeBytes) : () -> rows.tx(phys, sizeBytes);
  }

  private long tx(long phys, int sizeBytes) {
    long dmaAddr = map(phys, sizeBytes, DmaDirection.TO_DEVICE);
    dma.syncSingleForDevice(device, dmaAddr, sizeBytes, DmaDirection.TO_DEVICE);
    dma.unmapPage(device, dmaAddr, sizeBytes, DmaDirection.TO_DEVICE, 0);
    return dmaAddr;
  }

  private long rx(long phys, int sizeBytes) {
    long dmaAddr = map(phys, sizeBytes, DmaDirection.FROM_DEVICE);
    dma.syncSingleForCpu(device, dmaAddr, sizeBytes, DmaDirection.FROM_DEVICE);
    dma.unmapPage(device, dmaAddr, sizeBytes, DmaDirection.FROM_DEVICE, 0);
    return dmaAddr;
  }

  private long map(long phys, int sizeBytes, DmaDirection direction) {
    long dmaAddr = dma.mapPage(device, phys, 0, sizeBytes, direction, 0);
    if (dmaAddr == DmaMapping.MAPPING_ERROR || dmaAddr == phys) {
      throw new AssertionError("not bounced");
    }
    return dmaAddr;
  }

  /** Takes the whole pool by pages and gives a random tenth of them back. */
  private void fill() {
    long[] taken = new long[POOL_PAGES];
    for (int i = 0; i < POOL_PAGES; i++) {
      taken[i] = map(DmaRows.BUFFERS_PHYS, PAGE_BYTES, DmaDirection.TO_DEVICE);
    }
    Random random = new Random(SEED);
    for (int i = 0; i < POOL_PAGES / 10; i++) {
      int other = i + random.nextInt(POOL_PAGES - i);
      dma.unmapPage(device, taken[other], PAGE_BYTES, DmaDirection.TO_DEVICE, 0);
      taken[other] = taken[i];
    }
  }
}

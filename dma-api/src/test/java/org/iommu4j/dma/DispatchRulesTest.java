package org.iommu4j.dma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.iommu4j.base.Errno;
import org.iommu4j.dma.DispatchRules.ListErrors;
import org.iommu4j.dma.DispatchRules.Resources;
import org.iommu4j.dma.DispatchRules.Syncing;
import org.junit.jupiter.api.Test;

/** What releases do differently before a device's operations see a call. */
final class DispatchRulesTest {
  private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;

  private final Device device = new Device("0000:00:05.0");
  private final Counting ops = new Counting();

  /** Direct operations that count syncs and fail to map lists. */
  private static final class Counting implements DmaOps {
    private int syncs;
    private int answerToLists;

    @Override
    public String symbol() {
      return "counting";
    }

    @Override
    public long mapPage(
        Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
      return phys;
    }

    @Override
    public void unmapPage(
        Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {}

    @Override
    public int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
      return answerToLists;
    }

    @Override
    public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {}

    @Override
    public long mapResource(
        Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
      return phys;
    }

    @Override
    public void unmapResource(
        Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {}

    @Override
    public CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
      return new CoherentBuffer(0, 0, sizeBytes);
    }

    @Override
    public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {}

    @Override
    public boolean isSupported(Device device, long mask) {
      return true;
    }

    @Override
    public boolean needsSync(Device device, long dmaAddr) {
      return true;
    }

    @Override
    public void syncSingleForCpu(
        Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
      syncs++;
    }

    @Override
    public void syncSgForCpu(Device device, ScatterList list, DmaDirection direction) {
      syncs++;
    }
  }

  private DmaMapping dma(DispatchRules rules) {
    return new DmaMapping(rules, ops, pfn -> pfn == 1, DmaObserver.NONE);
  }

  private int syncs(DmaMapping dma) {
    int before = ops.syncs;
    dma.syncSingleForCpu(device, 0x1000, 16, FROM);
    dma.syncSgForCpu(device, new ScatterList(1), FROM);
    return ops.syncs - before;
  }

  @Test
  void memoryIsAResourceInLaterReleases() {
    DmaMapping earlier = dma(Dispatch.PLAIN);
    DmaMapping later = dma(Dispatch.PLAIN.withResources(Resources.ALL));
    assertEquals(DmaMapping.MAPPING_ERROR, earlier.mapResource(device, 0x1000, 4, FROM, 0));
    assertEquals(0x2000, earlier.mapResource(device, 0x2000, 4, FROM, 0));
    assertEquals(0x1000, later.mapResource(device, 0x1000, 4, FROM, 0));
  }

  @Test
  void settingTheMaskAgainStopsSyncsOfWhatBounced() {
    DmaMapping dma = dma(Dispatch.PLAIN.withSyncing(Syncing.SKIPPED_UNTIL_BOUNCED));
    assertEquals(2, syncs(dma), "no mask was set yet");
    assertEquals(0, dma.setMask(device, -1L));
    assertEquals(0, syncs(dma));
    assertFalse(dma.needsSync(device, 0x1000));
    device.resetSkipSync();
    assertEquals(2, syncs(dma));
    assertTrue(dma.needsSync(device, 0x1000));
    assertEquals(0, dma.setCoherentMask(device, -1L));
    assertEquals(2, syncs(dma), "the other mask does not count");
    assertEquals(0, dma.setMask(device, -1L));
    assertEquals(0, syncs(dma));
  }

  @Test
  void earlierReleasesAlwaysAskTheOperations() {
    DmaMapping dma = dma(Dispatch.PLAIN);
    assertEquals(0, dma.setMask(device, -1L));
    assertEquals(2, syncs(dma));
  }

  @Test
  void whoMapsATableIsToldOfThreeErrorsOnly() {
    ScatterList list = new ScatterList(1);
    list.add(0x1000, 0, 16);
    DmaMapping untold = dma(Dispatch.PLAIN);
    DmaMapping told = dma(Dispatch.PLAIN.withListErrors(ListErrors.TOLD));
    for (int error : new int[] {Errno.EINVAL, Errno.ENOMEM, Errno.EIO}) {
      ops.answerToLists = error;
      assertEquals(Errno.EINVAL, new SgTable(list).mapSgtable(untold, device, FROM, 0));
      assertEquals(error, new SgTable(list).mapSgtable(told, device, FROM, 0));
      assertEquals(0, told.mapSg(device, list, FROM, 0));
    }
    for (int other : new int[] {Errno.EBUSY, 0}) {
      ops.answerToLists = other;
      assertEquals(Errno.EIO, new SgTable(list).mapSgtable(told, device, FROM, 0));
    }
  }
}

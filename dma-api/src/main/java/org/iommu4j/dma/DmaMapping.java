package org.iommu4j.dma;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.Objects;
import java.util.function.LongPredicate;
import org.iommu4j.base.Errno;
import org.iommu4j.base.Pages;
import org.jspecify.annotations.Nullable;

/**
 * The DMA API as a driver calls it. Each call goes to the operations that were chosen for the
 * device at probe time, or to the direct ones if it has none.
 *
 * <p>Thread-safe; map and unmap allocate nothing in steady state.
 *
 * <p>Source: {@code kernel/dma/mapping.c}, {@code include/linux/dma-mapping.h}.
 */
public final class DmaMapping extends DmaLimits {
  /** What a failed mapping returns: all ones. */
  public static final long MAPPING_ERROR = -1L;

  /** A size without a limit: all ones, as {@code SIZE_MAX}. */
  public static final long NO_LIMIT = -1L;

  private final LongPredicate isNoResource;
  private final boolean tellsListErrors;
  private final DmaObserver observer;

  /**
   * Makes the API of one system.
   *
   * @param rules what the release does
   * @param direct what devices without operations are mapped with
   * @param isRamPfn whether a page frame has a place in the memory map
   * @param observer sees the calls, after the flight recorder
   */
  public DmaMapping(
      DispatchRules rules, DmaOps direct, LongPredicate isRamPfn, DmaObserver observer) {
    super(direct, rules.syncing());
    Objects.requireNonNull(isRamPfn, "isRamPfn");
    this.isNoResource =
        rules.resources() == DispatchRules.Resources.NO_MEMORY ? isRamPfn : unused -> false;
    this.tellsListErrors = rules.listErrors() == DispatchRules.ListErrors.TOLD;
    this.observer = DmaRecorder.INSTANCE.and(observer);
  }

  /** Returns the mask of the lowest {@code bits} bits, all ones for 64. */
  public static long bitMask(int bits) {
    return bits >= 64 ? -1L : (1L << bits) - 1;
  }

  /** Returns the smallest alignment that no cache line is shared at: x86 has coherent caches. */
  public static int cacheAlignmentBytes() {
    return 1;
  }

  // Of the recorder, which is a constant, the compiler leaves nothing while nobody records.
  private DmaObserver begins(DmaCall call, Device device, DmaOps ops) {
    DmaObserver all = observer;
    return all == DmaRecorder.INSTANCE
        ? DmaRecorder.INSTANCE.begins(call, device, ops)
        : all.begins(call, device, ops);
  }

  /** Returns who sees the calls. */
  DmaObserver observer() {
    return observer;
  }

  static void checkDirection(DmaDirection direction) {
    if (direction == DmaDirection.NONE) {
      throw new IllegalArgumentException("a mapping needs a direction, not NONE");
    }
  }

  /**
   * Maps part of a page, or of several that lie one after the other.
   *
   * @param pagePhys the physical address of the page, a multiple of 4096
   * @param offsetBytes where the buffer begins in it
   * @param sizeBytes the buffer's size
   * @param attributes bits of {@link DmaAttributes}
   * @return the buffer's address for the device, or {@link #MAPPING_ERROR}
   */
  public long mapPage(
      Device device,
      long pagePhys,
      long offsetBytes,
      long sizeBytes,
      DmaDirection direction,
      int attributes) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.MAP_PAGE, device, ops);
    long dmaAddr = ops.mapPage(device, pagePhys + offsetBytes, sizeBytes, direction, attributes);
    call.mapPage(device, pagePhys, offsetBytes, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  /** Undoes {@link #mapPage}, with the size and direction that it was given. */
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.UNMAP_PAGE, device, ops);
    ops.unmapPage(device, dmaAddr, sizeBytes, direction, attributes);
    call.unmapPage(device, dmaAddr, sizeBytes, direction, attributes);
  }

  /** Maps the buffer at a physical address; the same as {@link #mapPage} of the page it is in. */
  public long mapSingle(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    return mapPage(
        device, Pages.alignDown(phys), phys & OFFSET_MASK, sizeBytes, direction, attributes);
  }

  /** Undoes {@link #mapSingle}. */
  public void unmapSingle(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    unmapPage(device, dmaAddr, sizeBytes, direction, attributes);
  }

  /** Maps a list; returns how many entries the device has to follow, or 0 on failure. */
  public int mapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    return Math.max(0, mapSgTold(device, list, direction, attributes));
  }

  /** As {@link #mapSg}, but a failure may be a negative error number. */
  int mapSgTold(Device device, ScatterList list, DmaDirection direction, int attributes) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.MAP_SG, device, ops);
    int entries = ops.mapSg(device, list, direction, attributes);
    call.mapSg(device, list, direction, attributes, Math.max(0, entries));
    return tellsListErrors ? told(entries) : Math.max(0, entries);
  }

  // kernel/dma/mapping.c:__dma_map_sg_attrs lets three error numbers pass.
  private static int told(int entries) {
    boolean isKnown = entries == Errno.EINVAL || entries == Errno.ENOMEM;
    return entries > 0 || isKnown ? entries : Errno.EIO;
  }

  /** Undoes {@link #mapSg}. */
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.UNMAP_SG, device, ops);
    ops.unmapSg(device, list, direction, attributes);
    call.unmapSg(device, list, direction, attributes);
  }

  /**
   * Maps registers of another device.
   *
   * @return their address for the device, or {@link #MAPPING_ERROR}, in some releases also if
   *     {@code phys} is memory
   */
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.MAP_RESOURCE, device, ops);
    long dmaAddr =
        isNoResource.test(phys >>> PAGE_SHIFT)
            ? MAPPING_ERROR
            : ops.mapResource(device, phys, sizeBytes, direction, attributes);
    call.mapResource(device, phys, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  /** Undoes {@link #mapResource}. */
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.UNMAP_RESOURCE, device, ops);
    ops.unmapResource(device, dmaAddr, sizeBytes, direction, attributes);
    call.unmapResource(device, dmaAddr, sizeBytes, direction, attributes);
  }

  /** Allocates zeroed memory that CPU and device share; returns null if there is none. */
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.ALLOC_COHERENT, device, ops);
    CoherentBuffer buffer = ops.allocCoherent(device, sizeBytes, attributes);
    call.allocCoherent(device, sizeBytes, attributes, buffer);
    return buffer;
  }

  /** Frees what {@link #allocCoherent} returned. */
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.FREE_COHERENT, device, ops);
    ops.freeCoherent(device, buffer, attributes);
    call.freeCoherent(device, buffer, attributes);
  }

  /** Lets the CPU see what the device wrote to part of a mapping. */
  public void syncSingleForCpu(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.SYNC_SINGLE_FOR_CPU, device, ops);
    if (!device.skipsSync()) {
      ops.syncSingleForCpu(device, dmaAddr, sizeBytes, direction);
    }
    call.syncSingleForCpu(device, dmaAddr, sizeBytes, direction);
  }

  /** Lets the device see what the CPU wrote to part of a mapping. */
  public void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.SYNC_SINGLE_FOR_DEVICE, device, ops);
    if (!device.skipsSync()) {
      ops.syncSingleForDevice(device, dmaAddr, sizeBytes, direction);
    }
    call.syncSingleForDevice(device, dmaAddr, sizeBytes, direction);
  }

  /** Does {@link #syncSingleForCpu} for a range that begins {@code offsetBytes} into a mapping. */
  public void syncSingleRangeForCpu(
      Device device, long dmaAddr, long offsetBytes, long sizeBytes, DmaDirection direction) {
    syncSingleForCpu(device, dmaAddr + offsetBytes, sizeBytes, direction);
  }

  /**
   * Does {@link #syncSingleForDevice} for a range that begins {@code offsetBytes} into a mapping.
   */
  public void syncSingleRangeForDevice(
      Device device, long dmaAddr, long offsetBytes, long sizeBytes, DmaDirection direction) {
    syncSingleForDevice(device, dmaAddr + offsetBytes, sizeBytes, direction);
  }

  /** Lets the CPU see what the device wrote to the pieces of a list. */
  public void syncSgForCpu(Device device, ScatterList list, DmaDirection direction) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.SYNC_SG_FOR_CPU, device, ops);
    if (!device.skipsSync()) {
      ops.syncSgForCpu(device, list, direction);
    }
    call.syncSgForCpu(device, list, direction);
  }

  /** Lets the device see what the CPU wrote to the pieces of a list. */
  public void syncSgForDevice(Device device, ScatterList list, DmaDirection direction) {
    checkDirection(direction);
    DmaOps ops = opsOf(device);
    DmaObserver call = begins(DmaCall.SYNC_SG_FOR_DEVICE, device, ops);
    if (!device.skipsSync()) {
      ops.syncSgForDevice(device, list, direction);
    }
    call.syncSgForDevice(device, list, direction);
  }

  /** Returns whether a mapping for a device failed. */
  public boolean mappingError(Device device, long dmaAddr) {
    boolean failed = dmaAddr == MAPPING_ERROR;
    observer.mappingError(device, dmaAddr, failed);
    return failed;
  }
}

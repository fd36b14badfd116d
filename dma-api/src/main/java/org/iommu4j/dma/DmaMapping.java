package org.iommu4j.dma;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_SHIFT;
import static org.iommu4j.base.trace.KernelCall.begun;

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
public final class DmaMapping {
  /** What a failed mapping returns: all ones. */
  public static final long MAPPING_ERROR = -1L;

  /** A size without a limit: all ones, as {@code SIZE_MAX}. */
  public static final long NO_LIMIT = -1L;

  private final DmaOps direct;
  private final LongPredicate isRamPfn;

  /**
   * Makes the API of one system.
   *
   * @param direct what devices without operations are mapped with
   * @param isRamPfn whether a page frame has a place in the memory map; such a one is no resource
   */
  public DmaMapping(DmaOps direct, LongPredicate isRamPfn) {
    this.direct = Objects.requireNonNull(direct, "direct");
    this.isRamPfn = Objects.requireNonNull(isRamPfn, "isRamPfn");
  }

  /** Returns the mask of the lowest {@code bits} bits, all ones for 64. */
  public static long bitMask(int bits) {
    return bits >= 64 ? -1L : (1L << bits) - 1;
  }

  /** Returns the smallest alignment that no cache line is shared at: x86 has coherent caches. */
  public static int cacheAlignmentBytes() {
    return 1;
  }

  /** Returns what a device is mapped with. */
  DmaOps opsOf(Device device) {
    DmaOps ops = device.dmaOps();
    return ops == null ? direct : ops;
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
    DmaCalls.MapPage call = begun(DmaCalls.MapPage.OFF);
    DmaOps ops = opsOf(device);
    long dmaAddr = ops.mapPage(device, pagePhys + offsetBytes, sizeBytes, direction, attributes);
    call.done(device, ops, pagePhys, offsetBytes, sizeBytes, direction, attributes, dmaAddr);
    return dmaAddr;
  }

  /** Undoes {@link #mapPage}, with the size and direction that it was given. */
  public void unmapPage(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    checkDirection(direction);
    DmaCalls.UnmapPage call = begun(DmaCalls.UnmapPage.OFF);
    DmaOps ops = opsOf(device);
    ops.unmapPage(device, dmaAddr, sizeBytes, direction, attributes);
    call.done(device, ops, dmaAddr, sizeBytes, direction, attributes);
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
    checkDirection(direction);
    return opsOf(device).mapSg(device, list, direction, attributes);
  }

  /** Undoes {@link #mapSg}. */
  public void unmapSg(Device device, ScatterList list, DmaDirection direction, int attributes) {
    checkDirection(direction);
    opsOf(device).unmapSg(device, list, direction, attributes);
  }

  /**
   * Maps registers of another device.
   *
   * @return their address for the device, or {@link #MAPPING_ERROR}, also if {@code phys} is memory
   */
  public long mapResource(
      Device device, long phys, long sizeBytes, DmaDirection direction, int attributes) {
    checkDirection(direction);
    if (isRamPfn.test(phys >>> PAGE_SHIFT)) {
      return MAPPING_ERROR;
    }
    return opsOf(device).mapResource(device, phys, sizeBytes, direction, attributes);
  }

  /** Undoes {@link #mapResource}. */
  public void unmapResource(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
    checkDirection(direction);
    opsOf(device).unmapResource(device, dmaAddr, sizeBytes, direction, attributes);
  }

  /** Allocates zeroed memory that CPU and device share; returns null if there is none. */
  public @Nullable CoherentBuffer allocCoherent(Device device, long sizeBytes, int attributes) {
    return opsOf(device).allocCoherent(device, sizeBytes, attributes);
  }

  /** Frees what {@link #allocCoherent} returned. */
  public void freeCoherent(Device device, CoherentBuffer buffer, int attributes) {
    opsOf(device).freeCoherent(device, buffer, attributes);
  }

  /** Lets the CPU see what the device wrote to part of a mapping. */
  public void syncSingleForCpu(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    checkDirection(direction);
    opsOf(device).syncSingleForCpu(device, dmaAddr, sizeBytes, direction);
  }

  /** Lets the device see what the CPU wrote to part of a mapping. */
  public void syncSingleForDevice(
      Device device, long dmaAddr, long sizeBytes, DmaDirection direction) {
    checkDirection(direction);
    opsOf(device).syncSingleForDevice(device, dmaAddr, sizeBytes, direction);
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
    opsOf(device).syncSgForCpu(device, list, direction);
  }

  /** Lets the device see what the CPU wrote to the pieces of a list. */
  public void syncSgForDevice(Device device, ScatterList list, DmaDirection direction) {
    checkDirection(direction);
    opsOf(device).syncSgForDevice(device, list, direction);
  }

  /** Returns whether a mapping failed. */
  public boolean mappingError(long dmaAddr) {
    return dmaAddr == MAPPING_ERROR;
  }

  /** Returns whether a device with this mask can be served. */
  public boolean isSupported(Device device, long mask) {
    return opsOf(device).isSupported(device, mask);
  }

  /** Sets the device's streaming mask; returns 0, or -5 (EIO) if it cannot be served. */
  public int setMask(Device device, long mask) {
    if (!isSupported(device, mask)) {
      return Errno.EIO;
    }
    device.setDmaMask(mask);
    return 0;
  }

  /** Sets the device's mask for coherent memory; returns 0, or -5 (EIO) if it cannot be served. */
  public int setCoherentMask(Device device, long mask) {
    if (!isSupported(device, mask)) {
      return Errno.EIO;
    }
    device.setCoherentDmaMask(mask);
    return 0;
  }

  /** Sets both masks; returns 0, or -5 (EIO) if they cannot be served. */
  public int setMaskAndCoherent(Device device, long mask) {
    int result = setMask(device, mask);
    if (result == 0) {
      setCoherentMask(device, mask);
    }
    return result;
  }

  /**
   * Makes one mask of both, so that whoever sets one sets the other, and sets it.
   *
   * @return 0, or -5 (EIO) if it cannot be served; the two are one all the same
   */
  public int coerceMaskAndCoherent(Device device, long mask) {
    device.joinMasks();
    return setMaskAndCoherent(device, mask);
  }

  /** Returns the streaming mask; 32 bits if it is 0. */
  public static long getMask(Device device) {
    long mask = device.dmaMask();
    return mask == 0 ? bitMask(32) : mask;
  }

  /** Returns the smallest mask with which all memory can be reached without bouncing. */
  public long requiredMask(Device device) {
    return opsOf(device).requiredMask(device);
  }

  /** Returns whether the device's mask is smaller than what all memory needs. */
  public boolean isAddressingLimited(Device device) {
    long reach = DmaReach.limit(device, getMask(device));
    return Long.compareUnsigned(reach, requiredMask(device)) < 0;
  }

  /** Returns the largest size that one mapping may have, in bytes; all ones for no limit. */
  public long maxMappingSizeBytes(Device device) {
    return opsOf(device).maxMappingSizeBytes(device);
  }

  /** Returns the mask of the boundary at which list entries can be merged, or 0 for never. */
  public long mergeBoundary(Device device) {
    return opsOf(device).mergeBoundary(device);
  }

  /** Returns whether coherent memory of the device can be mapped for user space. */
  public boolean canMmap(Device device) {
    return opsOf(device).exportsCoherent();
  }

  /** Returns whether the sync calls do anything for a mapping at this address. */
  public boolean needsSync(Device device, long dmaAddr) {
    return opsOf(device).needsSync(device, dmaAddr);
  }
}

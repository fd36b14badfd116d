package org.iommu4j.dma;

import java.util.Objects;
import org.iommu4j.base.Pages;
import org.jspecify.annotations.Nullable;

/**
 * Memory that a driver gets already mapped, for one direction, and syncs itself.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code kernel/dma/mapping.c}.
 */
public final class NoncoherentMemory {

  private final DmaMapping dma;

  /** Makes these calls of one system. */
  public NoncoherentMemory(DmaMapping dma) {
    this.dma = Objects.requireNonNull(dma, "dma");
  }

  /**
   * Allocates zeroed pages, mapped both ways of the direction.
   *
   * @param sizeBytes the size, rounded up to whole pages; there is no memory of no bytes
   * @return the pages; null if there are none, or none that the device reaches
   */
  public @Nullable DmaPages allocPages(Device device, long sizeBytes, DmaDirection direction) {
    DmaMapping.checkDirection(direction);
    DmaOps ops = dma.opsOf(device);
    DmaObserver call = dma.observer().begins(DmaCall.ALLOC_PAGES, device, ops);
    DmaPages pages =
        device.coherentDmaMask() == 0
            ? null
            : ops.allocPages(device, Pages.alignUp(sizeBytes), direction);
    call.allocPages(device, sizeBytes, direction, pages);
    return pages;
  }

  /** Frees what {@link #allocPages} returned. */
  public void freePages(Device device, DmaPages pages) {
    DmaOps ops = dma.opsOf(device);
    DmaObserver call = dma.observer().begins(DmaCall.FREE_PAGES, device, ops);
    ops.freePages(device, pages);
    call.freePages(device, pages);
  }

  /**
   * Does {@link #allocPages}: on a machine with coherent caches there is no other memory.
   *
   * <p>Source: {@code kernel/dma/mapping.c:dma_alloc_noncoherent}.
   */
  public @Nullable DmaPages allocNoncoherent(
      Device device, long sizeBytes, DmaDirection direction) {
    return allocPages(device, sizeBytes, direction);
  }

  /** Frees what {@link #allocNoncoherent} returned. */
  public void freeNoncoherent(Device device, DmaPages pages) {
    freePages(device, pages);
  }
}

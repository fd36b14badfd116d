package org.iommu4j.dma;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Coherent memory and pools that go when their driver does: what the kernel's {@code dmam_} calls
 * allocate. {@link #close} is the driver's detaching, and frees what is left, the newest first.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code kernel/dma/mapping.c:dmam_alloc_attrs}, {@code mm/dmapool.c:dmam_pool_create}.
 */
public final class ManagedDma implements AutoCloseable {
  private final DmaMapping dma;
  private final DmaPools pools;
  private final Device device;

  @GuardedBy("this") private final Deque<Resource> resources = new ArrayDeque<>();

  /** Makes the resources of one device, of which there are none yet. */
  public ManagedDma(DmaMapping dma, DmaPools pools, Device device) {
    this.dma = Objects.requireNonNull(dma, "dma");
    this.pools = Objects.requireNonNull(pools, "pools");
    this.device = Objects.requireNonNull(device, "device");
  }

  /** Allocates zeroed memory that CPU and device share; returns null if there is none. */
  public synchronized @Nullable CoherentBuffer allocCoherent(long sizeBytes, int attributes) {
    CoherentBuffer buffer = dma.allocCoherent(device, sizeBytes, attributes);
    if (buffer != null) {
      CoherentBuffer kept = buffer;
      resources.push(new Resource(kept, () -> dma.freeCoherent(device, kept, attributes)));
    }
    return buffer;
  }

  /** Frees before its time what {@link #allocCoherent} returned. */
  public void freeCoherent(CoherentBuffer buffer) {
    release(buffer);
  }

  /** Makes a pool as {@link DmaPools#create} does, null if it cannot be made so. */
  public synchronized @Nullable DmaPool createPool(
      String name, long sizeBytes, long alignBytes, long boundaryBytes) {
    DmaPool pool = pools.create(name, device, sizeBytes, alignBytes, boundaryBytes);
    if (pool != null) {
      resources.push(new Resource(pool, pool::destroy));
    }
    return pool;
  }

  /** Destroys before its time what {@link #createPool} returned. */
  public void destroyPool(DmaPool pool) {
    release(pool);
  }

  private void release(Object value) {
    Resource found = null;
    synchronized (this) {
      for (Resource resource : resources) {
        if (resource.value().equals(value)) {
          found = resource;
          break;
        }
      }
      resources.remove(found);
    }
    if (found == null) {
      throw new IllegalArgumentException(value + " is none of the resources of " + device);
    }
    found.release().run();
  }

  /**
   * Frees and destroys all that is left, the newest first.
   *
   * <p>Source: {@code drivers/base/devres.c:devres_release_all}.
   */
  @Override
  public void close() {
    for (Resource resource = next(); resource != null; resource = next()) {
      resource.release().run();
    }
  }

  private synchronized @Nullable Resource next() {
    return resources.poll();
  }

  private record Resource(Object value, Runnable release) {}
}

package org.iommu4j.vfio.type1;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.uapi.DirtyPages;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vfio.uapi.Type1Info;
import org.iommu4j.vfio.uapi.UnmapListener;
import org.iommu4j.vfio.uapi.UnmapResult;

/**
 * The IOMMU of a container: the mappings that processes asked for, and the domains that have them.
 *
 * <p>Thread-safe. Its lock is the kernel's {@code iommu->lock}: it is taken before that of a group
 * or a process's memory.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c}.
 */
public final class Type1Iommu {
  @GuardedBy("this") private final Type1State state;

  @GuardedBy("this") private final GroupAttacher attacher;

  @GuardedBy("this") private final DmaMapper mapper;

  @GuardedBy("this") private final DmaUnmapper unmapper;

  @GuardedBy("this") private final DirtyTracker tracker;

  @GuardedBy("this") private final ExternalPins pins;

  /** Who is told before pinned pages are unmapped; in the order in which they came. */
  private final List<UnmapListener> listeners;

  /**
   * Makes one without groups.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_open}.
   */
  public Type1Iommu(Type1Host host, int type) {
    this.state = new Type1State(host, type);
    DmaRemover remover = new DmaRemover(state);
    this.tracker = new DirtyTracker(state);
    this.mapper = new DmaMapper(state, remover);
    this.unmapper = new DmaUnmapper(state, remover, tracker);
    this.attacher = new GroupAttacher(state, remover);
    this.pins = new ExternalPins(state);
    this.listeners = state.listeners;
  }

  /** Returns whether the driver knows a type, as far as a container without an IOMMU can tell. */
  public static boolean knows(int extension) {
    return extension == IommuType.TYPE1
        || extension == IommuType.TYPE1_V2
        || extension == IommuType.TYPE1_NESTING;
  }

  /**
   * Returns whether the driver offers something, as far as a container without an IOMMU can tell.
   *
   * <p>Source: {@code vfio_iommu_type1_check_extension}.
   */
  public static boolean offers(Type1Host host, int extension) {
    return extension == IommuType.UNMAP_ALL ? host.rules().takesAll() : knows(extension);
  }

  /** Source: {@code vfio_iommu_type1_check_extension}. */
  public synchronized boolean checkExtension(int extension) {
    return switch (extension) {
      case IommuType.DMA_CC -> state.domains.stream().allMatch(Type1Domain::isCoherent);
      case IommuType.UPDATE_VADDR -> state.rules.movesMemory();
      default -> offers(state.host, extension);
    };
  }

  /**
   * Attaches a group. Source: {@code vfio_iommu_type1_attach_group}.
   *
   * @return 0 or a negative error number
   */
  public synchronized int attachGroup(IommuGroup group) {
    return attacher.attach(group);
  }

  /** Detaches a group. Source: {@code vfio_iommu_type1_detach_group}. */
  public synchronized void detachGroup(IommuGroup group) {
    attacher.detach(group);
  }

  /** Makes a mapping; 0 or a negative error number. */
  public synchronized int mapDma(UserProcess caller, DmaMap request) {
    return mapper.map(caller, request);
  }

  /** Unmaps a range; drivers that have pages of it pinned are told before, without the lock. */
  public UnmapResult unmapDma(UserProcess caller, DmaUnmap request) {
    DmaUnmapper.Progress progress = new DmaUnmapper.Progress();
    while (true) {
      UnmapResult result;
      synchronized (this) {
        result = unmapper.unmap(caller, request, progress);
      }
      if (result != null) {
        return result;
      }
      DmaEntry pinned = progress.pinned();
      listeners.forEach(listener -> listener.unmapping(pinned.iova(), pinned.sizeBytes()));
    }
  }

  /**
   * Pins pages for the driver of a device. Source: {@code vfio_iommu_type1_pin_pages}.
   *
   * @return how many, or a negative error number
   */
  public synchronized int pinPages(IommuGroup group, long[] iovaPfns, int protection, long[] pfns) {
    return pins.pin(group, iovaPfns, protection, pfns);
  }

  /** Unpins pages. Source: {@code vfio_iommu_type1_unpin_pages}. */
  public synchronized int unpinPages(long[] iovaPfns) {
    return pins.unpin(iovaPfns);
  }

  /** Source: {@code vfio_iommu_type1_register_notifier}. */
  public void registerNotifier(UnmapListener listener) {
    listeners.add(listener);
  }

  /** Source: {@code vfio_iommu_type1_unregister_notifier}. */
  public int unregisterNotifier(UnmapListener listener) {
    return listeners.remove(listener) ? 0 : Errno.ENOENT;
  }

  /** Tracks dirty pages; 0 or a negative error number. */
  public synchronized int dirtyPages(DirtyPages request) {
    return tracker.call(request);
  }

  /** Source: {@code vfio_iommu_type1_get_info}. */
  public synchronized Type1Info info() {
    return new Type1Info(
        state.pageSizes,
        state.pageBytes(),
        DirtyTracker.MOST_BITMAP_BYTES,
        state.dmaAvail,
        state.iovas.ranges(),
        state.rules.alignsCapabilities());
  }
}

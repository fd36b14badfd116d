package org.iommu4j.vfio;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.vfio.process.UserProcess;
import org.iommu4j.vfio.type1.Type1Iommu;
import org.iommu4j.vfio.uapi.DirtyPages;
import org.iommu4j.vfio.uapi.DmaMap;
import org.iommu4j.vfio.uapi.DmaUnmap;
import org.iommu4j.vfio.uapi.IommuType;
import org.iommu4j.vfio.uapi.Type1Info;
import org.iommu4j.vfio.uapi.UnmapResult;
import org.jspecify.annotations.Nullable;

/**
 * An open {@code /dev/vfio/vfio}: an address space for the groups that are put into it, and that
 * keep it when its file is closed.
 *
 * <p>Calls answer as the kernel does, with 0 or a negative error number of {@link Errno}. Without
 * an IOMMU (see {@link #setIommu}) the calls that need one answer -EINVAL.
 *
 * <p>Thread-safe. Its lock is taken after a group's and before an IOMMU's.
 *
 * <p>Source: {@code drivers/vfio/vfio.c:struct vfio_container}.
 */
public final class VfioContainer {
  /** What {@link #apiVersion} returns. */
  public static final int API_VERSION = 0;

  private final Vfio vfio;

  /** The groups, the newest first. */
  @GuardedBy("this") private final Deque<GroupState> groups = new ArrayDeque<>();

  @GuardedBy("this") private @Nullable Type1Iommu iommu;

  VfioContainer(Vfio vfio) {
    this.vfio = vfio;
  }

  /** Returns the version of the interface: VFIO_GET_API_VERSION. */
  public int apiVersion() {
    return API_VERSION;
  }

  /**
   * Returns whether there is something: VFIO_CHECK_EXTENSION.
   *
   * @param extension a number of {@link IommuType}
   */
  public synchronized boolean checkExtension(int extension) {
    return iommu == null
        ? Type1Iommu.offers(vfio.type1Host(), extension)
        : iommu.checkExtension(extension);
  }

  /**
   * Gives the container its IOMMU, to which the groups in it are attached: VFIO_SET_IOMMU.
   *
   * <p>Source: {@code drivers/vfio/vfio.c:vfio_ioctl_set_iommu}.
   *
   * @param type a number of {@link IommuType}
   * @return 0; -EINVAL if there is no group or already an IOMMU; -ENODEV if no driver knows the
   *     type; or why a group cannot be attached, such as -EPERM
   */
  public synchronized int setIommu(int type) {
    if (groups.isEmpty() || iommu != null) {
      return Errno.EINVAL;
    }
    if (!Type1Iommu.knows(type)) {
      // What is offered and is no type is refused only when it is to be opened.
      return Type1Iommu.offers(vfio.type1Host(), type) ? Errno.EINVAL : Errno.ENODEV;
    }
    Type1Iommu opened = new Type1Iommu(vfio.type1Host(), type);
    for (GroupState group : groups) {
      int error = opened.attachGroup(group.iommuGroup());
      if (error != 0) {
        groups.forEach(attached -> opened.detachGroup(attached.iommuGroup()));
        return error;
      }
    }
    iommu = opened;
    return 0;
  }

  synchronized boolean hasIommu() {
    return iommu != null;
  }

  /**
   * Source: {@code drivers/vfio/vfio.c:vfio_group_set_container}; of 6.1 {@code
   * drivers/vfio/container.c:vfio_container_attach_group}.
   */
  synchronized int add(GroupState group) {
    int error = group.claim();
    if (error != 0) {
      return error;
    }
    error = iommu == null ? 0 : iommu.attachGroup(group.iommuGroup());
    if (error == 0) {
      groups.push(group);
    } else {
      group.release();
    }
    return error;
  }

  /**
   * Source: {@code drivers/vfio/vfio.c:__vfio_group_unset_container}; of 6.1 {@code
   * drivers/vfio/container.c:vfio_group_detach_container}.
   */
  synchronized void remove(GroupState group) {
    if (iommu != null) {
      iommu.detachGroup(group.iommuGroup());
    }
    group.release();
    groups.remove(group);
    if (groups.isEmpty()) {
      iommu = null;
    }
  }

  synchronized Optional<Type1Iommu> iommu() {
    return Optional.ofNullable(iommu);
  }

  /** Returns what the IOMMU can do, or empty if there is none: VFIO_IOMMU_GET_INFO. */
  public Optional<Type1Info> info() {
    return iommu().map(Type1Iommu::info);
  }

  /**
   * Makes a process's memory visible to the devices of the container: VFIO_IOMMU_MAP_DMA.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_map}.
   *
   * @param caller the process whose memory it is
   * @return 0; -EINVAL for sizes, flags or addresses that are wrong, wrap, or may not be mapped;
   *     -EEXIST if a part is mapped; -ENOSPC if there are too many mappings; -EFAULT if the process
   *     has no such memory; -ENOMEM if it may not lock so much
   */
  public int mapDma(UserProcess caller, DmaMap request) {
    return iommu().map(iommu -> iommu.mapDma(caller, request)).orElse(Errno.EINVAL);
  }

  /**
   * Takes mappings away: VFIO_IOMMU_UNMAP_DMA. Version 1 takes every mapping whose first byte lies
   * in the range, as a whole; version 2 refuses with -EINVAL to cut one.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_dma_do_unmap}.
   *
   * @param caller the process; the mappings of others stay
   */
  public UnmapResult unmapDma(UserProcess caller, DmaUnmap request) {
    return iommu()
        .map(iommu -> iommu.unmapDma(caller, request))
        .orElse(new UnmapResult(Errno.EINVAL, 0));
  }

  /**
   * Tells which pages devices may have written: VFIO_IOMMU_DIRTY_PAGES.
   *
   * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_dirty_pages}.
   *
   * @return 0; -EACCES for version 1; -EINVAL if the request is wrong, nobody tracks, or a mapping
   *     would be cut; -EFAULT if the caller's memory ends too early
   */
  public int dirtyPages(DirtyPages request) {
    return iommu().map(iommu -> iommu.dirtyPages(request)).orElse(Errno.EINVAL);
  }

  /** Answers a call that neither the container nor its IOMMU knows. */
  public int unknownIoctl() {
    return iommu().isPresent() ? Errno.ENOTTY : Errno.EINVAL;
  }
}

package org.iommu4j.vfio;

import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vfio.type1.Type1Iommu;
import org.iommu4j.vfio.uapi.UnmapListener;

/**
 * What a device's driver in the kernel may do with the memory of the process that has the device:
 * pin the pages that it works on, as drivers of mediated devices do, and so tell which pages its
 * device writes.
 *
 * <p>Calls answer as the kernel does. Thread-safe.
 *
 * <p>Source: {@code drivers/vfio/vfio.c:vfio_pin_pages}, {@code vfio_unpin_pages}, {@code
 * vfio_register_notifier}.
 */
public final class PagePinning {
  /** How many pages one call takes at most. */
  public static final int MOST_PAGES = 512;

  private final Vfio vfio;

  PagePinning(Vfio vfio) {
    this.vfio = vfio;
  }

  private Optional<GroupState> group(PciAddress device) {
    return vfio.system().iommu().group(device).map(IommuGroup::id).flatMap(vfio.drivers()::group);
  }

  private Optional<Type1Iommu> iommu(PciAddress device) {
    return group(device).flatMap(GroupState::usedIommu);
  }

  private static int check(int pages) {
    return pages == 0 ? Errno.EINVAL : pages > MOST_PAGES ? Errno.E2BIG : 0;
  }

  /**
   * Pins pages of the process, all or none. A page may be pinned more than once.
   *
   * @param device whose driver calls
   * @param iovaPfns the pages' I/O addresses, divided by 4096
   * @param protection the rights that the mappings must give, bits of {@link
   *     org.iommu4j.iommu.spi.IommuDomain}
   * @param pfns where the frames' numbers go, as many as there are pages; {@link
   *     IllegalArgumentException} otherwise
   * @return how many pages; -EINVAL for none, for a page that is not mapped, for a group of several
   *     devices or one that is not in use, or if nobody is registered; -E2BIG; -ENODEV if VFIO does
   *     not know the device's group; -EACCES in version 1; -EPERM if a mapping does not give the
   *     rights; -EFAULT if the process has no such memory any more; in 6.1 -EBUSY while a mapping's
   *     address in its process is not valid
   */
  public int pinPages(PciAddress device, long[] iovaPfns, int protection, long[] pfns) {
    if (pfns.length != iovaPfns.length) {
      throw new IllegalArgumentException(
          pfns.length + " frames are not as many as " + iovaPfns.length + " pages");
    }
    int error = check(iovaPfns.length);
    if (error != 0) {
      return error;
    }
    Optional<GroupState> group = group(device);
    if (group.isEmpty()) {
      return Errno.ENODEV;
    }
    if (group.get().deviceCount() > 1) {
      return Errno.EINVAL;
    }
    return group
        .get()
        .usedIommu()
        .map(iommu -> iommu.pinPages(group.get().iommuGroup(), iovaPfns, protection, pfns))
        .orElse(Errno.EINVAL);
  }

  /**
   * Unpins pages; one that is not pinned counts as if it had been.
   *
   * @return how many pages, up to the first that is not mapped; else as {@link #pinPages}
   */
  public int unpinPages(PciAddress device, long... iovaPfns) {
    int error = check(iovaPfns.length);
    if (error == 0 && group(device).isEmpty()) {
      error = Errno.ENODEV;
    }
    return error != 0
        ? error
        : iommu(device).map(iommu -> iommu.unpinPages(iovaPfns)).orElse(Errno.EINVAL);
  }

  /**
   * Lets a driver hear before mappings go of which it has pages pinned, after those that came
   * before it.
   *
   * @return 0; -ENODEV if VFIO does not know the device's group; -EINVAL if that is not in use
   */
  public int registerNotifier(PciAddress device, UnmapListener listener) {
    if (group(device).isEmpty()) {
      return Errno.ENODEV;
    }
    Optional<Type1Iommu> iommu = iommu(device);
    iommu.ifPresent(used -> used.registerNotifier(listener));
    return iommu.isPresent() ? 0 : Errno.EINVAL;
  }

  /** Lets a driver hear no more; 0, -ENOENT if it never did, or as {@link #registerNotifier}. */
  public int unregisterNotifier(PciAddress device, UnmapListener listener) {
    if (group(device).isEmpty()) {
      return Errno.ENODEV;
    }
    return iommu(device).map(used -> used.unregisterNotifier(listener)).orElse(Errno.EINVAL);
  }
}

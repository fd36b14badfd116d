package org.iommu4j.testkit.skeleton;

import static org.iommu4j.base.Pages.OFFSET_MASK;
import static org.iommu4j.base.Pages.PAGE_BYTES;

import org.iommu4j.dma.BusError;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.IommuDomain;
import org.jspecify.annotations.Nullable;

/** A device whose accesses are translated page by page. As thread-safe as the translation. */
record PagedBusMaster(PhysicalMemory memory, Translation translation) implements BusMaster {

  /** What stands between the device and memory. */
  @FunctionalInterface
  interface Translation {
    /** Returns the physical address for an access with a right, or a negative number if refused. */
    long translate(long iova, int right);
  }

  @Override
  public @Nullable BusError read(long iova, byte[] into, int offset, int lengthBytes) {
    return move(iova, lengthBytes, IommuDomain.READ, into, offset);
  }

  @Override
  public @Nullable BusError write(long iova, byte[] from, int offset, int lengthBytes) {
    return move(iova, lengthBytes, IommuDomain.WRITE, from, offset);
  }

  private @Nullable BusError move(long iova, int length, int right, byte[] bytes, int offset) {
    int done = 0;
    while (done < length) {
      long at = iova + done;
      long phys = translation.translate(at, right);
      if (phys < 0) {
        return new BusError(at, done, "the page is not mapped with the right");
      }
      int part = (int) Math.min(length - done, PAGE_BYTES - (at & OFFSET_MASK));
      if (right == IommuDomain.READ) {
        memory.read(phys, bytes, offset + done, part);
      } else {
        memory.write(phys, bytes, offset + done, part);
      }
      done += part;
    }
    return null;
  }
}

package org.iommu4j.iommu;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.IdentityHashMap;
import java.util.function.Consumer;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.ScatterList;
import org.iommu4j.iommu.paging.DomainPages;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * The half of the IOMMU API that is about one domain, whoever is attached to it. Thread-safe as
 * {@link IommuApi} is.
 *
 * <p>Source: {@code drivers/iommu/iommu.c}.
 */
abstract class DomainCalls {
  private final DomainPages pages;

  @GuardedBy("faultHandlers") private final IdentityHashMap<IommuDomain, FaultHandler> faultHandlers = new IdentityHashMap<>();

  DomainCalls(Consumer<String> log) {
    this.pages = new DomainPages(log);
  }

  /**
   * Maps a range, in pages as large as addresses, size and domain allow.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_map}.
   *
   * @param protection bits {@link IommuDomain#READ}, {@link IommuDomain#WRITE} and {@link
   *     IommuDomain#CACHE}
   * @return 0; -EINVAL if the domain is not for mapping or an address or the size is no multiple of
   *     its smallest page; or the vendor's error number, after which nothing is mapped
   */
  public int map(IommuDomain domain, long iova, long phys, long sizeBytes, int protection) {
    int error = pages.map(domain, iova, phys, sizeBytes, protection);
    if (error == 0) {
      domain.iotlbSyncMap(iova, sizeBytes);
    }
    return error;
  }

  /**
   * Maps the entries of a list to one run of I/O addresses.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_map_sg}.
   *
   * @return how many bytes were mapped: all, or 0 if it failed and nothing is
   */
  public long mapSg(IommuDomain domain, long iova, ScatterList list, int protection) {
    return pages.mapSg(domain, iova, list, protection);
  }

  /**
   * Unmaps a range, and larger pages that it touches as a whole; when it returns, the hardware has
   * forgotten them.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_unmap}.
   *
   * @return how many bytes were unmapped, which may be more or fewer than asked
   */
  public long unmap(IommuDomain domain, long iova, long sizeBytes) {
    return pages.unmap(domain, iova, sizeBytes);
  }

  /**
   * As {@link #unmap}, but what the hardware may still have cached is only noted, for {@link
   * #iotlbSync}.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_unmap_fast}.
   */
  public long unmapFast(IommuDomain domain, long iova, long sizeBytes, IotlbGather gather) {
    return pages.unmap(domain, iova, sizeBytes, gather);
  }

  /**
   * Makes the hardware forget what was gathered, which is then empty.
   *
   * <p>Source: {@code include/linux/iommu.h:iommu_iotlb_sync}.
   */
  public void iotlbSync(IommuDomain domain, IotlbGather gather) {
    domain.iotlbSync(gather);
    gather.reset();
  }

  /**
   * Makes the hardware forget all of a domain, if the vendor leaves that to the caller.
   *
   * <p>Source: {@code include/linux/iommu.h:iommu_flush_iotlb_all}.
   */
  public void flushIotlbAll(IommuDomain domain) {
    domain.flushIotlbAll();
  }

  /**
   * Returns what an I/O address translates to; 0 if to nothing.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_iova_to_phys}.
   */
  public long iovaToPhys(IommuDomain domain, long iova) {
    return domain.iovaToPhys(iova);
  }

  /**
   * Returns the addresses that a domain can map.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_domain_get_attr}, {@code DOMAIN_ATTR_GEOMETRY}.
   */
  public DomainGeometry geometry(IommuDomain domain) {
    return domain.geometry();
  }

  /**
   * Returns an attribute of a domain but its geometry, which is no number.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_domain_get_attr}.
   *
   * @return the value, at least 0; -EINVAL if the vendor does not know it
   */
  public int attribute(IommuDomain domain, DomainAttribute attribute) {
    return switch (attribute) {
      case GEOMETRY -> throw new IllegalArgumentException("GEOMETRY is no number: call geometry()");
      case PAGING -> domain.pageSizes() == 0 ? 0 : 1;
      default -> domain.attribute(attribute);
    };
  }

  /**
   * Sets an attribute of a domain.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_domain_set_attr}.
   *
   * @return 0 or a negative error number
   */
  public int setAttribute(IommuDomain domain, DomainAttribute attribute, int value) {
    return domain.setAttribute(attribute, value);
  }

  /**
   * Sets who is told of a domain's faults; null for nobody.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_set_fault_handler}.
   */
  public void setFaultHandler(IommuDomain domain, @Nullable FaultHandler handler) {
    synchronized (faultHandlers) {
      if (handler == null) {
        faultHandlers.remove(domain);
      } else {
        faultHandlers.put(domain, handler);
      }
    }
  }

  /**
   * Tells a domain's handler of a fault.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:report_iommu_fault}.
   *
   * @return what the handler returns; -ENOSYS if there is none
   */
  public int reportFault(IommuDomain domain, PciDevice device, long iova, int flags) {
    FaultHandler handler;
    synchronized (faultHandlers) {
      handler = faultHandlers.get(domain);
    }
    return handler == null ? Errno.ENOSYS : handler.fault(domain, device, iova, flags);
  }
}

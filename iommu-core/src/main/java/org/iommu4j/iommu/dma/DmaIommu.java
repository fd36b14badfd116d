package org.iommu4j.iommu.dma;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.IdentityHashMap;
import java.util.Objects;
import org.iommu4j.dma.CommonPages;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.dma.DmaIommuRules.Padding;
import org.iommu4j.iommu.dma.DmaIommuRules.Queueing;
import org.iommu4j.iommu.dma.DmaIommuRules.Trait;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.paging.DomainPages;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.SystemServices;
import org.jspecify.annotations.Nullable;

/**
 * Gives devices their DMA operations on top of the domains that a vendor makes.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code drivers/iommu/dma-iommu.c}.
 */
public final class DmaIommu {
  private final DmaIommuRules rules;
  private final SystemServices services;
  private final boolean forceDac;
  private final DomainPages pages;
  private final CommonPages commonPages;
  private final DeviceLog log;
  private final DeviceLog.Once unsupportedAlignment;
  private final DeviceLog.Once inactivePool;

  @GuardedBy("spaces") private final IdentityHashMap<IommuDomain, DmaSpace> spaces = new IdentityHashMap<>();

  /**
   * Makes what one system has of it.
   *
   * @param forceDac whether no device asks for addresses below 4 GiB first
   */
  public DmaIommu(DmaIommuRules rules, SystemServices services, boolean forceDac) {
    this.rules = Objects.requireNonNull(rules, "rules");
    this.services = services;
    this.forceDac = forceDac;
    this.pages = new DomainPages(services.log());
    this.commonPages = new CommonPages(services.memory(), services.buffers());
    this.log = services.deviceLog();
    this.unsupportedAlignment = log.once();
    this.inactivePool = log.once();
  }

  /**
   * Returns operations for a device that is attached to its default domain; the first device of a
   * domain decides which of its addresses are never handed out.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_setup_dma_ops}.
   *
   * @return the operations; null if the domain is not the DMA API's, or cannot be used, which the
   *     log then tells
   */
  public @Nullable DmaOps setUpDmaOps(DmaClient client, IommuDomain domain) {
    if (!isForDma(domain)) {
      return null;
    }
    DmaSpace space = initDomain(client, domain);
    if (space == null) {
      log.print(
          "Failed to set up IOMMU for device "
              + client.device().name()
              + "; retaining platform DMA ops");
      return null;
    }
    return ops(client, space);
  }

  private static boolean isForDma(IommuDomain domain) {
    return domain.type() == DomainType.DMA || domain.type() == DomainType.DMA_FQ;
  }

  /** Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_init_domain}. */
  private @Nullable DmaSpace initDomain(DmaClient client, IommuDomain domain) {
    synchronized (spaces) {
      DmaSpace known = spaces.get(domain);
      if (known != null) {
        return fits(known) ? known : null;
      }
      DmaSpace space = new DmaSpace(domain, pages, services);
      spaces.put(domain, space);
      if (wantsQueue(domain)) {
        space.startQueue();
      }
      return new AddressReservation(space, rules, log).run(client) ? space : null;
    }
  }

  private boolean fits(DmaSpace space) {
    long granuleBytes = Long.lowestOneBit(space.domain().pageSizes());
    if (granuleBytes != space.granuleMask() + 1) {
      log.print("Incompatible range for DMA domain");
      return false;
    }
    return true;
  }

  private boolean wantsQueue(IommuDomain domain) {
    return rules.queueing() == Queueing.BY_ATTRIBUTE
        ? domain.attribute(DomainAttribute.DMA_USE_FLUSH_QUEUE) > 0
        : domain.type() == DomainType.DMA_FQ;
  }

  private DmaOps ops(DmaClient client, DmaSpace space) {
    boolean lowFirst = client.isPci() && !forceDac;
    DeviceAddresses addresses =
        new DeviceAddresses(space, services, log, rules.lowFirst(), lowFirst);
    DeviceMapper mapper = new DeviceMapper(space, addresses, rules, unsupportedAlignment);
    CoherentMemory block = new OneBlock(mapper, services);
    CoherentMemory coherent =
        rules.does(Trait.ALLOCATES_PIECES) ? new ManyPieces(mapper, services) : block;
    if (!client.isUntrusted() || rules.padding() == Padding.NONE) {
      return new IommuDmaOps(rules, mapper, commonPages, block, coherent);
    }
    BouncedBuffers buffers =
        new BouncedBuffers(
            services.memory(), services.pool(), rules.padding(), space.granuleMask(), inactivePool);
    return new UntrustedDmaOps(rules, mapper, commonPages, block, coherent, buffers);
  }

  /**
   * Makes a domain that devices use leave its flushes to a queue from here on.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_dma_init_fq}.
   *
   * @return whether there was such a domain
   */
  public boolean startQueue(IommuDomain domain) {
    synchronized (spaces) {
      DmaSpace space = spaces.get(domain);
      if (space != null) {
        space.startQueue();
      }
      return space != null;
    }
  }

  /**
   * Forgets the addresses of a domain that is about to be freed; nobody may map or unmap in it from
   * here on.
   *
   * <p>Source: {@code drivers/iommu/dma-iommu.c:iommu_put_dma_cookie}.
   */
  public void release(IommuDomain domain) {
    synchronized (spaces) {
      DmaSpace space = spaces.remove(domain);
      if (space != null) {
        space.close();
      }
    }
  }
}

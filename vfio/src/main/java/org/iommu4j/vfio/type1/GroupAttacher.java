package org.iommu4j.vfio.type1;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.vfio.policy.InterruptPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Attaches groups to a container's domains and detaches them. Guarded by the lock of its {@link
 * Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_attach_group}, {@code
 * vfio_iommu_type1_detach_group}.
 */
final class GroupAttacher {
  private final Type1State state;
  private final DmaRemover remover;

  GroupAttacher(Type1State state, DmaRemover remover) {
    this.state = state;
    this.remover = remover;
  }

  private IommuApi iommu() {
    return state.iommu();
  }

  int attach(IommuGroup group) {
    if (state.invalidMappings > 0) {
      return Errno.EBUSY; // it may have to pin what nobody knows the address of
    }
    if (domainOf(group) != null) {
      return Errno.EINVAL;
    }
    IommuDomain domain = iommu().domainAlloc();
    if (domain == null) {
      return Errno.EIO;
    }
    int error = state.nests ? iommu().setAttribute(domain, DomainAttribute.NESTING, 1) : 0;
    if (error == 0) {
      error = iommu().attachGroup(domain, group);
    }
    if (error != 0) {
      iommu().domainFree(domain);
      return error;
    }
    IovaList iovas = state.iovas.copy();
    error = narrow(iovas, domain, group);
    if (error == 0) {
      error = checkInterrupts();
    }
    if (error == 0) {
      error = joinOrAdd(domain, group);
    }
    if (error != 0) {
      iommu().detachGroup(domain, group);
      iommu().domainFree(domain);
      return error;
    }
    state.iovas = iovas;
    state.pinnedPageDirtyScope = false;
    return 0;
  }

  private int joinOrAdd(IommuDomain domain, IommuGroup group) {
    boolean coherent = makeCoherent(domain);
    return joinOther(domain, group, coherent) ? 0 : addDomain(domain, group, coherent);
  }

  /** Returns whether a domain's devices see the CPUs' caches, whatever they ask for. */
  private boolean makeCoherent(IommuDomain domain) {
    return state.rules.enforcesCoherency()
        ? domain.enforceCacheCoherency()
        : iommu().capable(IommuCapability.CACHE_COHERENCY);
  }

  /** Takes from the list what the domain or a device of the group cannot have mapped. */
  private int narrow(IovaList iovas, IommuDomain domain, IommuGroup group) {
    DomainGeometry aperture = iommu().geometry(domain);
    if (iovas.conflicts(aperture, state.mappings)) {
      return Errno.EINVAL;
    }
    ImmutableList<ReservedRegion> reserved = iommu().reservedRegions(group);
    if (conflicts(reserved)) {
      return Errno.EINVAL;
    }
    iovas.narrow(aperture.firstIova(), aperture.lastIova());
    return iovas.exclude(reserved);
  }

  /** Source: {@code vfio_iommu_resv_conflict}. */
  private boolean conflicts(Iterable<ReservedRegion> reserved) {
    for (ReservedRegion region : reserved) {
      if (region.type() != ReservedRegion.Type.DIRECT_RELAXABLE
          && state.mappings.find(region.first(), region.last() - region.first() + 1) != null) {
        return true;
      }
    }
    return false;
  }

  private int checkInterrupts() {
    InterruptPolicy.Interrupts verdict =
        InterruptPolicy.decide(
            iommu().capable(IommuCapability.INTR_REMAP),
            state.host.parameters().allowUnsafeInterrupts(),
            state.rules.interruptSource());
    verdict.log().forEach(state.host.log());
    return verdict.error();
  }

  private int protection(boolean coherent) {
    return coherent || state.rules.enforcesCoherency() ? IommuDomain.CACHE : 0;
  }

  /** Puts the group into a domain that the container has, if one takes it. */
  private boolean joinOther(IommuDomain own, IommuGroup group, boolean coherent) {
    for (Type1Domain other : state.domains) {
      if (other.isCoherent() != coherent) {
        continue;
      }
      iommu().detachGroup(own, group);
      if (iommu().attachGroup(other.domain(), group) == 0) {
        other.groups().push(group);
        iommu().domainFree(own);
        return true;
      }
      int error = iommu().attachGroup(own, group);
      if (error != 0) {
        throw new AssertionError(group + " was taken before, and now: " + error);
      }
    }
    return false;
  }

  private int addDomain(IommuDomain domain, IommuGroup group, boolean coherent) {
    int protection = protection(coherent);
    boolean fineGrained = isFineGrained(domain, protection);
    Type1Domain added = new Type1Domain(domain, coherent, protection, fineGrained, group);
    int error = replay(added);
    if (error == 0) {
      state.domains.add(0, added);
      state.updatePageSizes();
    }
    return error;
  }

  /** Source: {@code vfio_test_domain_fgsp}. */
  private boolean isFineGrained(IommuDomain domain, int protection) {
    long phys = state.host.frames().allocateZeroed(1, MemoryZone.NORMAL);
    if (phys == PageAllocator.NONE) {
      return false;
    }
    int rights = IommuDomain.READ | IommuDomain.WRITE | protection;
    boolean fineGrained = false;
    if (iommu().map(domain, 0, phys, 2 * PAGE_BYTES, rights) == 0) {
      fineGrained = iommu().unmap(domain, 0, PAGE_BYTES) != PAGE_BYTES;
      if (!fineGrained) {
        iommu().unmap(domain, PAGE_BYTES, PAGE_BYTES);
      }
    }
    state.host.frames().free(phys);
    return fineGrained;
  }

  /** Maps in a new domain what the others have. Source: {@code vfio_iommu_replay}. */
  private int replay(Type1Domain added) {
    if (state.domains.isEmpty()) {
      return 0;
    }
    IommuDomain known = state.domains.get(0).domain();
    for (DmaEntry mapping = state.mappings.first();
        mapping != null;
        mapping = state.mappings.next(mapping)) {
      int error = replay(mapping, known, added);
      if (error != 0) {
        undoReplay(mapping, added);
        return error;
      }
    }
    return 0;
  }

  private int replay(DmaEntry mapping, IommuDomain known, Type1Domain added) {
    for (long iova = mapping.iova(); iova != mapping.endIova(); ) {
      long phys = iommu().iovaToPhys(known, iova);
      long bytes = PAGE_BYTES;
      while (iova + bytes != mapping.endIova()
          && iommu().iovaToPhys(known, iova + bytes) == phys + bytes) {
        bytes += PAGE_BYTES;
      }
      int protection = mapping.protection() | added.protection();
      int error = iommu().map(added.domain(), iova, phys, bytes, protection);
      if (error != 0) {
        return error;
      }
      iova += bytes;
    }
    return 0;
  }

  private void undoReplay(DmaEntry last, Type1Domain added) {
    for (DmaEntry mapping = state.mappings.first();
        mapping != null;
        mapping = mapping == last ? null : state.mappings.next(mapping)) {
      iommu().unmap(added.domain(), mapping.iova(), mapping.sizeBytes());
    }
  }

  private @Nullable Type1Domain domainOf(IommuGroup group) {
    for (Type1Domain domain : state.domains) {
      if (domain.groups().contains(group)) {
        return domain;
      }
    }
    return null;
  }

  void detach(IommuGroup group) {
    Type1Domain domain = domainOf(group);
    if (domain == null) {
      return;
    }
    IovaList iovas = state.iovas.copy();
    iommu().detachGroup(domain.domain(), group);
    domain.groups().remove(group);
    if (domain.groups().isEmpty()) {
      removeDomain(domain, iovas);
    }
    if (refresh(iovas) == 0) {
      state.iovas = iovas;
    }
    if (!state.reportingGroups.remove(group)) {
      state.updateDirtyScope();
      if (state.tracksDirty) {
        state.mappings.forEach(mapping -> DirtyTracker.dirty(mapping).setAll());
      }
    }
  }

  private void removeDomain(Type1Domain domain, IovaList iovas) {
    if (state.domains.size() == 1) {
      remover.removeAll();
    }
    iommu().domainFree(domain.domain());
    state.domains.remove(domain);
    long first = 0;
    long last = -1;
    for (Type1Domain left : state.domains) {
      DomainGeometry aperture = iommu().geometry(left.domain());
      if (Long.compareUnsigned(aperture.firstIova(), first) > 0) {
        first = aperture.firstIova();
      }
      if (Long.compareUnsigned(aperture.lastIova(), last) < 0) {
        last = aperture.lastIova();
      }
    }
    iovas.widen(first, last);
    state.updatePageSizes();
  }

  /** Source: {@code vfio_iommu_resv_refresh}. */
  private int refresh(IovaList iovas) {
    if (iovas.isEmpty()) {
      return Errno.EINVAL;
    }
    iovas.fillHoles();
    ImmutableList.Builder<ReservedRegion> reserved = ImmutableList.builder();
    for (Type1Domain domain : state.domains) {
      domain.groups().forEach(group -> reserved.addAll(iommu().reservedRegions(group)));
    }
    return iovas.exclude(reserved.build());
  }
}

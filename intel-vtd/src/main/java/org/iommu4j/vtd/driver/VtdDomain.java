package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.function.Consumer;
import org.iommu4j.base.Errno;
import org.iommu4j.base.Pages;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.iommu4j.vtd.policy.AddressWidths;
import org.jspecify.annotations.Nullable;

/**
 * A domain as the IOMMU API has it: what its owner maps is mapped, and nothing else.
 *
 * <p>Thread-safe for ranges that do not overlap. The DMA API maps in its {@link AddressSpace} by
 * way of its {@link IovaCookie}.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct dmar_domain}.
 */
final class VtdDomain implements IommuDomain {
  private final DomainType type;
  private final AddressReach reach;
  private final DomainAttachments attachments;
  private final AddressSpace space;
  private final @Nullable IovaCookie cookie;
  private final Consumer<String> log;

  /**
   * Makes a domain that nobody is attached to.
   *
   * @param cookies make what hands its addresses out; null if its owner maps it
   */
  VtdDomain(
      DomainType type,
      SystemServices services,
      FreedTables freed,
      IovaCookie.@Nullable Factory cookies) {
    this.type = type;
    this.reach = new AddressReach(type != DomainType.IDENTITY);
    this.attachments = new DomainAttachments(reach);
    this.space = new AddressSpace(reach, attachments, services, freed);
    this.cookie = cookies == null ? null : cookies.of(space);
    this.log = services.log();
  }

  @Override
  public DomainType type() {
    return type;
  }

  /** Returns the addresses that the domain translates. */
  AddressSpace space() {
    return space;
  }

  /** Returns what hands out the domain's addresses; null if its owner maps it. */
  @Nullable IovaCookie cookie() {
    return cookie;
  }

  /** Returns the devices of the domain and their units. */
  DomainAttachments attachments() {
    return attachments;
  }

  /** Returns the end of the highest mapping, exclusive, as the kernel keeps it. */
  long maxAddress() {
    return reach.maxAddress();
  }

  /**
   * Makes the table fit a unit, before a device under it is attached; one device at a time.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:prepare_domain_attach_device}.
   *
   * @return whether the unit reaches all that is mapped
   */
  boolean fit(VtdUnit unit) {
    if (!reach.fit(unit.facts().addressBits())) {
      return false;
    }
    space.limitLevels(AddressWidths.agawToLevels(unit.facts().agaw()));
    return true;
  }

  /** Returns the context entry of this domain's devices under a unit. */
  ContextEntry contextEntry(VtdUnit unit, int translationType) {
    int id = attachments.idIn(unit);
    if (translationType == ContextEntry.TT_PASS_THROUGH) {
      int levels = AddressWidths.agawToLevels(unit.facts().maxAgaw());
      return ContextEntry.of(ContextEntry.TT_PASS_THROUGH, 0, levels, id);
    }
    int levels = Math.min(space.levels(), AddressWidths.agawToLevels(unit.facts().agaw()));
    return ContextEntry.of(translationType, space.rootPhys(levels), levels, id);
  }

  /** Returns all sizes from 4 KiB up: the driver splits what the hardware has no pages for. */
  @Override
  public long pageSizes() {
    return -PAGE_BYTES;
  }

  @Override
  public DomainGeometry geometry() {
    return reach.geometry();
  }

  /**
   * Refuses two stages, which need scalable mode, and all else.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_domain_set_attr}.
   */
  @Override
  public int setAttribute(DomainAttribute attribute, int value) {
    return type == DomainType.UNMANAGED && attribute == DomainAttribute.NESTING
        ? Errno.ENODEV
        : Errno.EINVAL;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_map}. */
  @Override
  public int map(long iova, long phys, long sizeBytes, int protection) {
    checkTable();
    long end = iova + sizeBytes;
    if (!reach.raiseTo(end)) {
      log.accept(
          String.format(
              "DMAR: intel_iommu_map: iommu width (%d) is not sufficient for the mapped address"
                  + " (%x)",
              reach.widthBits(), end));
      return Errno.EFAULT;
    }
    long pages = Pages.touched(phys, sizeBytes);
    long iovaPfn = iova >>> PAGE_SHIFT;
    checkReach(iovaPfn + pages - 1);
    long rights = rights(protection);
    if (rights == 0) {
      return Errno.EINVAL;
    }
    boolean snoops = attachments.snooping() && (protection & CACHE) != 0;
    return space.map(
            iovaPfn,
            phys >>> PAGE_SHIFT,
            pages,
            snoops ? rights | SecondLevelEntry.SNP.mask() : rights)
        ? 0
        : Errno.ENOMEM;
  }

  private static long rights(int protection) {
    return ((protection & READ) != 0 ? SecondLevelEntry.R.mask() : 0)
        | ((protection & WRITE) != 0 ? SecondLevelEntry.W.mask() : 0);
  }

  /**
   * Unmaps a page and whatever the walk to it ends at: a larger page, or the whole hole of an entry
   * that is not there, from the page on.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_unmap}.
   */
  @Override
  public long unmap(long iova, long sizeBytes, IotlbGather gather) {
    checkTable();
    long startPfn = iova >>> PAGE_SHIFT;
    checkReach(startPfn);
    long size = Math.max(sizeBytes, space.entryBytes(startPfn));
    long lastPfn = (iova + size - 1) >>> PAGE_SHIFT;
    checkReach(lastPfn);
    checkCountable(iova, size, lastPfn - startPfn + 1);
    space.unmapInAllUnits(startPfn, lastPfn);
    reach.unmapped(iova, iova + size);
    return size;
  }

  private void checkCountable(long iova, long sizeBytes, long pages) {
    if ((int) pages == 0 && !attachments.units().isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              "0x%x, 0x%x bytes: the number of pages does not fit 32 bits, where the kernel stops"
                  + " at an assertion",
              iova, sizeBytes));
    }
  }

  private void checkReach(long pfn) {
    if (!space.reaches(pfn, pfn)) {
      throw new IllegalArgumentException(
          String.format(
              "0x%x lies beyond the %d levels of the domain's table, where the kernel stops at an"
                  + " assertion",
              pfn << PAGE_SHIFT, space.levels()));
    }
  }

  private void checkTable() {
    if (space.isFreed()) {
      throw new IllegalStateException(
          "the domain has no page table: it was freed, or all of it was unmapped at once");
    }
  }

  @Override
  public long iovaToPhys(long iova) {
    checkTable();
    return space.translate(iova);
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_apply_resv_region}. */
  @Override
  public void applyReservedRegion(ReservedRegion region) {
    IovaCookie.required(cookie)
        .reserve(region.first() >>> PAGE_SHIFT, region.last() >>> PAGE_SHIFT);
  }

  /** Gives all memory back; nothing may be mapped or looked up from here on. */
  void free() {
    if (cookie != null) {
      cookie.close();
    }
    space.free();
  }

  @Override
  public void visit(LeafVisitor visitor) {
    space.visit(visitor);
  }
}

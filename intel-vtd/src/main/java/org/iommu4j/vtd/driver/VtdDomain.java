package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_SHIFT;

import java.util.function.Consumer;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.PasidEntry;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.iommu4j.vtd.policy.AddressWidths;
import org.jspecify.annotations.Nullable;

/**
 * A domain with a page table, as the IOMMU API has it: what its owner maps is mapped, and nothing
 * else.
 *
 * <p>Thread-safe for ranges that do not overlap.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.h:struct dmar_domain}.
 */
abstract class VtdDomain implements IommuDomain {
  private final DomainType type;
  private final AddressReach reach;
  private final DomainAttachments attachments;
  private final AddressSpace space;
  private final boolean firstStage;
  private final Consumer<String> log;

  /** Makes a domain that nobody is attached to. */
  VtdDomain(DomainType type, SystemServices services, FreedTables freed, TableRules rules) {
    this.type = type;
    boolean firstStage = !rules.form().equals(EntryBits.SECOND_STAGE);
    this.reach = new AddressReach(type != DomainType.IDENTITY, firstStage);
    this.attachments = new DomainAttachments(reach, firstStage);
    this.firstStage = firstStage;
    this.space = new AddressSpace(reach, attachments, services, freed, rules);
    this.log = services.log();
  }

  @Override
  public final DomainType type() {
    return type;
  }

  /** Returns the addresses that the domain translates. */
  final AddressSpace space() {
    return space;
  }

  /** Returns how far the addresses go. */
  final AddressReach reach() {
    return reach;
  }

  /** Returns what hands out the domain's addresses; null if its owner maps it. */
  @Nullable IovaCookie cookie() {
    return null;
  }

  /** Returns the devices of the domain and their units. */
  final DomainAttachments attachments() {
    return attachments;
  }

  /** Returns the end of the highest mapping, exclusive, as the kernel keeps it. */
  final long maxAddress() {
    return reach.maxAddress();
  }

  /** Returns whether all accesses snoop, so that no unit without that may have the domain. */
  boolean isSnoopingForced() {
    return false;
  }

  /**
   * Makes the table fit a unit, before a device under it is attached; one device at a time.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:prepare_domain_attach_device}.
   *
   * @return whether the unit reaches all that is mapped
   */
  final boolean fit(VtdUnit unit) {
    if (!reach.fit(unit.facts().addressBits())) {
      return false;
    }
    space.limitLevels(AddressWidths.agawToLevels(unit.facts().agaw()));
    return true;
  }

  /** Returns the context entry of this domain's devices under a unit. */
  final ContextEntry contextEntry(VtdUnit unit, int translationType) {
    int id = attachments.idIn(unit);
    if (translationType == ContextEntry.TT_PASS_THROUGH) {
      return unit.passThroughEntry(id);
    }
    int levels = Math.min(space.levels(), AddressWidths.agawToLevels(unit.facts().agaw()));
    return ContextEntry.of(translationType, space.rootPhys(levels), levels, id);
  }

  /** Returns whether the table is one in the processor's form. */
  final boolean isFirstStage() {
    return firstStage;
  }

  /** Returns the entry of this domain's address space under a unit in scalable mode. */
  final PasidEntry pasidEntry(VtdUnit unit) {
    int id = attachments.idIn(unit);
    int width = AddressWidths.agawToLevels(unit.facts().agaw());
    int levels = Math.min(space.levels(), width);
    return firstStage
        ? PasidEntry.firstStage(space.rootPhys(levels), levels, width, id)
        : PasidEntry.secondStage(space.rootPhys(levels), levels, id);
  }

  @Override
  public final DomainGeometry geometry() {
    return reach.geometry();
  }

  /** Notes a mapping's end, exclusive; says so if the domain does not reach it. */
  final boolean raiseTo(long end) {
    boolean reached = reach.raiseTo(end);
    if (!reached) {
      log.accept(
          String.format(
              "DMAR: intel_iommu_map: iommu width (%d) is not sufficient for the mapped address"
                  + " (%x)",
              reach.widthBits(), end));
    }
    return reached;
  }

  /** Returns the bits R and W of a leaf. */
  static long rights(int protection) {
    return ((protection & READ) != 0 ? SecondLevelEntry.R.mask() : 0)
        | ((protection & WRITE) != 0 ? SecondLevelEntry.W.mask() : 0);
  }

  final void checkReach(long pfn) {
    if (!space.reaches(pfn, pfn)) {
      throw new IllegalArgumentException(
          String.format(
              "0x%x lies beyond the %d levels of the domain's table, where the kernel stops at an"
                  + " assertion",
              pfn << PAGE_SHIFT, space.levels()));
    }
  }

  /** Fails where the kernel counts the pages to forget in 32 bits, and comes to none. */
  final void checkCountable(long iova, long sizeBytes, long pages) {
    if ((int) pages == 0 && !attachments.units().isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              "0x%x, 0x%x bytes: the number of pages does not fit 32 bits, where the kernel stops"
                  + " at an assertion",
              iova, sizeBytes));
    }
  }

  final void checkTable() {
    if (space.isFreed()) {
      throw new IllegalStateException(
          "the domain has no page table: it was freed, or all of it was unmapped at once");
    }
  }

  @Override
  public final long iovaToPhys(long iova) {
    checkTable();
    return space.translate(iova);
  }

  /** Gives all memory back; nothing may be mapped or looked up from here on. */
  void free() {
    space.free();
  }

  @Override
  public final boolean isWalkedBy(HardwareEntry entry) {
    return entry.levels() == space.levels()
        && entry.tablePhys() != 0
        && entry.tablePhys() == space.rootPhys(space.levels());
  }

  @Override
  public final void visit(LeafVisitor visitor) {
    space.visit(visitor);
  }
}

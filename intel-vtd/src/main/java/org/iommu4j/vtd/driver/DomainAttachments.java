package org.iommu4j.vtd.driver;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.iommu4j.dma.Device;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/**
 * The devices that are attached to a domain, the units that they are under, and what these have in
 * common.
 *
 * <p>Thread-safe; what mapping needs is read without a lock.
 *
 * <p>Source: {@code include/linux/intel-iommu.h:struct dmar_domain}, {@code iommu_refcnt}, {@code
 * iommu_did} and {@code devices}.
 */
final class DomainAttachments {
  private final AddressReach reach;

  @GuardedBy("this") private final Map<VtdUnit, Integer> counts = new LinkedHashMap<>();

  @GuardedBy("this") private final Map<Device, PciDevice> members = new LinkedHashMap<>();

  private volatile ImmutableList<DomainUnit> units = ImmutableList.of();
  private volatile int superpageLevels;
  private volatile boolean snooping;
  private volatile long pageSizes = PAGE_BYTES;

  private final boolean firstStage;

  /**
   * Makes it for a domain that nobody is attached to.
   *
   * @param firstStage whether the domain's table is one in the processor's form
   */
  DomainAttachments(AddressReach reach, boolean firstStage) {
    this.reach = reach;
    this.firstStage = firstStage;
  }

  /** Returns the units that the domain has devices under. */
  ImmutableList<DomainUnit> units() {
    return units;
  }

  /** Returns how many levels above the lowest may have leaves. */
  int superpageLevels() {
    return superpageLevels;
  }

  /** Returns the sizes of pages, a bit each: what all units have, from the first device on. */
  long pageSizes() {
    return pageSizes;
  }

  /** Returns whether all units that the domain has devices under can make accesses snoop. */
  boolean allSnoop() {
    return units.stream().allMatch(attached -> attached.unit().capabilities().snoopControl());
  }

  /** Returns whether accesses can be made to snoop. */
  boolean snooping() {
    return snooping;
  }

  /** Returns the devices that are attached. */
  synchronized ImmutableMap<Device, PciDevice> members() {
    return ImmutableMap.copyOf(members);
  }

  /**
   * Notes one more device under a unit.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_attach_iommu}.
   *
   * @param commonSuperpageLevels how many levels above the lowest have leaves in all units
   * @param commonSnooping whether all units can make accesses snoop
   * @return whether the unit had an id for the domain
   */
  synchronized boolean attach(
      VtdUnit unit,
      PciDevice pci,
      Device device,
      int commonSuperpageLevels,
      boolean commonSnooping) {
    if (!counts.containsKey(unit)) {
      int id = unit.allocateDomainId();
      if (id == 0) {
        return false;
      }
      units = withUnit(new DomainUnit(unit, id, firstStage));
      superpageLevels = commonSuperpageLevels;
      snooping = commonSnooping;
      pageSizes = pageSizes(commonSuperpageLevels);
      reach.updateGeometry();
    }
    counts.merge(unit, 1, Integer::sum);
    members.put(device, pci);
    return true;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:domain_super_pgsize_bitmap}. */
  private static long pageSizes(int superpageLevels) {
    long sizes = PAGE_BYTES;
    for (int level = 2; level <= superpageLevels + 1; level++) {
      sizes |= SecondLevelEntry.pageBytes(level);
    }
    return sizes;
  }

  private ImmutableList<DomainUnit> withUnit(DomainUnit added) {
    return ImmutableList.sortedCopyOf(
        Comparator.comparingInt(attached -> attached.unit().facts().sequenceId()),
        ImmutableList.<DomainUnit>builder().addAll(units).add(added).build());
  }

  /**
   * Notes one device less under a unit; without any the domain's id there is free again.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_detach_iommu}.
   */
  synchronized void detach(VtdUnit unit, Device device) {
    members.remove(device);
    if (counts.merge(unit, -1, Integer::sum) == 0) {
      counts.remove(unit);
      unit.freeDomainId(idIn(unit));
      units =
          units.stream()
              .filter(attached -> attached.unit() != unit)
              .collect(ImmutableList.toImmutableList());
      reach.updateGeometry();
    }
  }

  /** Returns the domain's id in a unit that it is attached to. */
  int idIn(VtdUnit unit) {
    for (DomainUnit attached : units) {
      if (attached.unit() == unit) {
        return attached.domainId();
      }
    }
    throw new AssertionError("the domain has no device under " + unit.facts().name());
  }
}

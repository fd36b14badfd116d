package org.iommu4j.vtd.policy;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.base.Pages;
import org.iommu4j.machine.UnitRegisters;

/**
 * The registers of a remapping unit that say what it can do, as Linux 5.10 decodes them.
 *
 * <p>Source: VT-d specification, "Capability Register", "Extended Capability Register"; {@code
 * include/linux/intel-iommu.h}.
 *
 * @param version the version register: major number in bits 7 to 4, minor in bits 3 to 0; or {@link
 *     #UNKNOWN_VERSION}
 * @param cap the capability register
 * @param ecap the extended capability register
 * @param assumed whether nothing is known of the unit and the values are only likely ones
 */
@Immutable
public record UnitCapabilities(int version, long cap, long ecap, boolean assumed) {
  /**
   * What is assumed of a unit that nothing is known of: the values of the unit for all devices of
   * most Intel platforms between 2013 and 2022. It walks 3 and 4 levels, has 2 MiB and 1 GiB pages,
   * queued invalidation, interrupt remapping with x2APIC, passthrough and snoop control, and is not
   * coherent.
   */
  public static final UnitCapabilities ASSUMED =
      new UnitCapabilities(0x10, 0xd2008c40660462L, 0xf050daL, true);

  /** What stands for the version of a unit whose other registers are known. */
  public static final int UNKNOWN_VERSION = -1;

  /** The name of the major version in {@link UnitRegisters#values}. */
  public static final String MAJOR_VERSION = "version_major";

  /** The name of the minor version in {@link UnitRegisters#values}. */
  public static final String MINOR_VERSION = "version_minor";

  /** The name of the capability register in {@link UnitRegisters#values}. */
  public static final String CAP = "cap";

  /** The name of the extended capability register in {@link UnitRegisters#values}. */
  public static final String ECAP = "ecap";

  /** Returns what was read of a unit, or what is assumed if either capability is unknown. */
  public static UnitCapabilities of(Optional<UnitRegisters> registers) {
    if (registers.isEmpty()) {
      return ASSUMED;
    }
    Long cap = registers.get().values().get(CAP);
    Long ecap = registers.get().values().get(ECAP);
    if (cap == null || ecap == null) {
      return ASSUMED;
    }
    Long major = registers.get().values().get(MAJOR_VERSION);
    Long minor = registers.get().values().get(MINOR_VERSION);
    int version =
        major == null || minor == null
            ? UNKNOWN_VERSION
            : (major.intValue() & 0xf) << 4 | (minor.intValue() & 0xf);
    return new UnitCapabilities(version, cap, ecap, false);
  }

  /** Returns what an address reads as at which nobody answers. */
  public static UnitRegisters unanswered(long basePhys) {
    return new UnitRegisters(basePhys, ImmutableMap.of(CAP, -1L, ECAP, -1L));
  }

  private static boolean bit(long register, int number) {
    return (register >>> number & 1) != 0;
  }

  /** Returns whether the registers read as an address that nobody answers at. */
  public boolean allOnes() {
    return cap == -1 && ecap == -1;
  }

  /** Returns whether all that the kernel prints of the unit is known. */
  public boolean printable() {
    return !assumed && version != UNKNOWN_VERSION;
  }

  /** Returns the major version. */
  public int majorVersion() {
    return version >> 4 & 0xf;
  }

  /** Returns the minor version. */
  public int minorVersion() {
    return version & 0xf;
  }

  /** Returns the set of AGAWs of second-level tables, bit N for AGAW N (SAGAW). */
  public int sagaw() {
    return (int) (cap >>> 8) & 0x1f;
  }

  /** Returns whether first-level tables may have five levels (5LP). */
  public boolean firstLevelFiveLevels() {
    return bit(cap, 60);
  }

  /** Returns how many bits an address from a device may have, 1 to 64 (MGAW). */
  public int guestAddressBits() {
    return (int) (cap >>> 16 & 0x3f) + 1;
  }

  /** Returns whether the unit caches what is not there, as in a virtual machine (CM). */
  public boolean cachingMode() {
    return bit(cap, 7);
  }

  /** Returns whether the unit passes devices through without a page table (PT). */
  public boolean passThrough() {
    return bit(ecap, 6);
  }

  /** Returns whether the unit has queued invalidation (QI). */
  public boolean queuedInvalidation() {
    return bit(ecap, 1);
  }

  /** Returns whether the unit remaps interrupts (IR). */
  public boolean interruptRemapping() {
    return bit(ecap, 3);
  }

  /** Returns whether remapped interrupts may have 32-bit targets (EIM). */
  public boolean extendedInterruptMode() {
    return bit(ecap, 4);
  }

  /** Returns whether the unit has scalable mode (SMTS). */
  public boolean scalableMode() {
    return bit(ecap, 43);
  }

  /** Returns whether scalable mode has second-level translation (SLTS). */
  public boolean secondLevelTranslation() {
    return bit(ecap, 46);
  }

  /** Returns whether scalable mode has first-level translation (FLTS). */
  public boolean firstLevelTranslation() {
    return bit(ecap, 47);
  }

  /**
   * Returns how many bytes of registers the kernel maps: one page, or as far as the IOTLB and fault
   * registers reach.
   *
   * <p>Source: {@code drivers/iommu/intel/dmar.c:map_iommu}.
   */
  public long registerBytes() {
    long iotlbEnd = (ecap >>> 8 & 0x3ff) * 16 + 16;
    long faultEnd = (cap >>> 24 & 0x3ff) * 16 + ((cap >>> 40 & 0xff) + 1) * 16;
    long end = Math.max(iotlbEnd, faultEnd);
    return Math.max(PAGE_BYTES, Pages.alignUp(end));
  }
}

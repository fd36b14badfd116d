package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.vtd.hw.format.Capabilities;

/**
 * The registers of a remapping unit that say what it is, and whether they are known.
 *
 * <p>Source: VT-d specification, "Capability Register", "Extended Capability Register"; {@code
 * include/linux/intel-iommu.h}.
 *
 * @param version the version register: major number in bits 7 to 4, minor in bits 3 to 0; or {@link
 *     #UNKNOWN_VERSION}
 * @param capabilities what the unit can do
 * @param assumed whether nothing is known of the unit and the values are only likely ones
 */
@Immutable
public record UnitCapabilities(int version, Capabilities capabilities, boolean assumed) {
  /**
   * What is assumed of a unit that nothing is known of: the values of the unit for all devices of
   * most Intel platforms between 2013 and 2022. It walks 3 and 4 levels, has 2 MiB and 1 GiB pages,
   * queued invalidation, interrupt remapping with x2APIC, passthrough and snoop control, and is not
   * coherent.
   */
  public static final UnitCapabilities ASSUMED =
      new UnitCapabilities(0x10, new Capabilities(0xd2008c40660462L, 0xf050daL), true);

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
    return new UnitCapabilities(version, new Capabilities(cap, ecap), false);
  }

  /** Returns what an address reads as at which nobody answers. */
  public static UnitRegisters unanswered(long basePhys) {
    return new UnitRegisters(basePhys, ImmutableMap.of(CAP, -1L, ECAP, -1L));
  }

  /** Returns whether the registers read as an address that nobody answers at. */
  public boolean allOnes() {
    return capabilities.cap() == -1 && capabilities.ecap() == -1;
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
}

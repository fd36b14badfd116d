package org.iommu4j.vtd.hw;

import org.iommu4j.dma.PhysRange;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.ProtectedMemory;

/**
 * The protected memory regions, which no device reaches while translation is off.
 *
 * <p>Immutable: a write of the enable register makes new ones. Source: VT-d 3.3 section 11.4.8.
 */
final class ProtectedRegions {
  private static final PhysRange EMPTY = new PhysRange(0, 0);
  static final ProtectedRegions NONE = new ProtectedRegions(EMPTY, EMPTY);

  private final PhysRange low;
  private final PhysRange high;

  private ProtectedRegions(PhysRange low, PhysRange high) {
    this.low = low;
    this.high = high;
  }

  /** Reads the regions off the registers and reports in PMEN whether they are enabled. */
  static ProtectedRegions of(HardwareConfig config, RegisterFile registers) {
    boolean enabled = registers.isSet32(Register.PMEN, ProtectedMemory.EPM);
    registers.flag32(Register.PMEN, ProtectedMemory.PRS, enabled);
    if (!enabled) {
      return NONE;
    }
    PhysRange low = EMPTY;
    if (config.capabilities().protectedLowMemory()) {
      long base = Integer.toUnsignedLong(registers.get32(Register.PLMBASE));
      low = region(base, Integer.toUnsignedLong(registers.get32(Register.PLMLIMIT)));
    }
    PhysRange high = EMPTY;
    if (config.capabilities().protectedHighMemory()) {
      high = region(registers.get64(Register.PHMBASE), registers.get64(Register.PHMLIMIT));
    }
    return new ProtectedRegions(low, high);
  }

  private static PhysRange region(long basePhys, long limitPhys) {
    long endPhys = (limitPhys | RegisterFile.REGION_MASK) + 1;
    boolean valid = basePhys >= 0 && basePhys < endPhys && endPhys <= 1L << 52;
    return valid ? new PhysRange(basePhys, endPhys) : EMPTY;
  }

  boolean contains(long phys) {
    return low.contains(phys) || high.contains(phys);
  }
}

package org.iommu4j.vtd.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.vtd.hw.format.Capabilities;

/**
 * A remapping unit as the kernel registers it.
 *
 * <p>Source: {@code include/linux/dmar.h:struct dmar_drhd_unit}.
 *
 * @param sequenceId the N of its name {@code dmarN}: the units count up in the order of the table
 * @param segment the PCI segment
 * @param basePhys where its registers are
 * @param includeAll whether it has all devices of its segment that no other unit names
 * @param registers what its registers say
 * @param ignored whether it takes no part in DMA remapping
 * @param agaw the AGAW of its domains, or {@link AddressWidths#NONE}
 * @param maxAgaw the largest AGAW that it can walk, or {@link AddressWidths#NONE}
 * @param scopes where its device scopes are
 */
@Immutable
public record RemappingUnit(
    int sequenceId,
    int segment,
    long basePhys,
    boolean includeAll,
    UnitCapabilities registers,
    boolean ignored,
    int agaw,
    int maxAgaw,
    ScopeSpan scopes) {

  /** Returns what the unit can do. */
  public Capabilities capabilities() {
    return registers.capabilities();
  }

  /** Returns the name, {@code dmar0}. */
  public String name() {
    return "dmar" + sequenceId;
  }

  /**
   * Returns how many bits of an I/O address the unit translates: what its tables have levels for,
   * or less if its guest address width (MGAW) is smaller.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:prepare_domain_attach_device}.
   */
  public int addressBits() {
    return Math.min(AddressWidths.agawToWidth(agaw), capabilities().mgawBits());
  }

  @Override
  public String toString() {
    return String.format("%s at 0x%x", name(), basePhys);
  }
}

package org.iommu4j.vtd.hw;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.vtd.hw.format.Capabilities;

/**
 * What distinguishes one remapping unit from another.
 *
 * @param capabilities the unit's capabilities
 * @param version the version register, 0x10 for 1.0
 * @param hostAddressBits the number of the platform's physical address bits, at most 52
 * @param iotlbEntries the capacity of the IOTLB, a power of two from 4 on
 * @param contextEntries the capacity of the context cache, a power of two
 * @param collapsesFaults whether a fault goes unrecorded while one of the same source is recorded,
 *     which VT-d 3.3 section 7.2.1 leaves to the implementation
 */
@Immutable
public record HardwareConfig(
    Capabilities capabilities,
    int version,
    int hostAddressBits,
    int iotlbEntries,
    int contextEntries,
    boolean collapsesFaults) {
  /** Returns a unit of version 1.0 with caches of a usual size, that collapses faults. */
  public static HardwareConfig of(Capabilities capabilities, int hostAddressBits) {
    return new HardwareConfig(capabilities, 0x10, hostAddressBits, 1024, 256, true);
  }
}

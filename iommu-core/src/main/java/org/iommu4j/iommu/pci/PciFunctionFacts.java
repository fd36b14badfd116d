package org.iommu4j.iommu.pci;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * What is known of one PCI function before it is linked with its bus and bridges.
 *
 * @param address where it is
 * @param config its configuration space as read; may be short or empty
 * @param vendorId the vendor id, 0 to 0xffff (a virtual function's own space does not hold it)
 * @param deviceId the device id, 0 to 0xffff
 * @param classCode base class, subclass and programming interface, 24 bits
 * @param resources the ranges that it decodes, in the order of sysfs
 * @param externalFacing whether firmware marks the port as leading outside of the chassis
 */
@Immutable
public record PciFunctionFacts(
    PciAddress address,
    ConfigSpace config,
    int vendorId,
    int deviceId,
    int classCode,
    ImmutableList<PciResource> resources,
    boolean externalFacing) {

  /** Returns the facts that the configuration space alone holds. */
  public static PciFunctionFacts ofConfig(PciAddress address, ConfigSpace config) {
    return new PciFunctionFacts(
        address,
        config,
        config.readWord(0),
        config.readWord(2),
        config.readDword(0x08) >>> 8,
        ImmutableList.of(),
        false);
  }

  /** Returns these facts with another word of firmware on whether the port leads outside. */
  public PciFunctionFacts withExternalFacing(boolean marked) {
    return new PciFunctionFacts(address, config, vendorId, deviceId, classCode, resources, marked);
  }
}

package org.iommu4j.machine.pci;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.List;

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
 * @param driver the driver that it was bound to
 */
@Immutable
public record PciFunctionFacts(
    PciAddress address,
    ConfigSpace config,
    int vendorId,
    int deviceId,
    int classCode,
    ImmutableList<PciResource> resources,
    boolean externalFacing,
    DriverBinding driver) {

  /** Makes the facts of a function whose driver nobody told. */
  public PciFunctionFacts(
      PciAddress address,
      ConfigSpace config,
      int vendorId,
      int deviceId,
      int classCode,
      ImmutableList<PciResource> resources,
      boolean externalFacing) {
    this(
        address,
        config,
        vendorId,
        deviceId,
        classCode,
        resources,
        externalFacing,
        DriverBinding.UNKNOWN);
  }

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
    return new PciFunctionFacts(
        address, config, vendorId, deviceId, classCode, resources, marked, driver);
  }

  /** Returns these facts with this driver. */
  public PciFunctionFacts withDriver(DriverBinding binding) {
    return new PciFunctionFacts(
        address, config, vendorId, deviceId, classCode, resources, externalFacing, binding);
  }

  /**
   * Returns these functions, where those without a word on their driver have none if another one
   * has a word: who lists drivers lists all of them.
   */
  public static ImmutableList<PciFunctionFacts> settleDrivers(List<PciFunctionFacts> functions) {
    boolean told = functions.stream().anyMatch(function -> function.driver().isKnown());
    DriverBinding silent = told ? DriverBinding.NONE : DriverBinding.UNKNOWN;
    return functions.stream()
        .map(function -> function.withDriver(function.driver().orElse(silent)))
        .collect(ImmutableList.toImmutableList());
  }
}

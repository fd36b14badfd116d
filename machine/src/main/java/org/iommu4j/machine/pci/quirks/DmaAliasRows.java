package org.iommu4j.machine.pci.quirks;

import static org.iommu4j.machine.pci.quirks.DmaAlias.DEVICE_1;
import static org.iommu4j.machine.pci.quirks.DmaAlias.FUNCTION_0;
import static org.iommu4j.machine.pci.quirks.DmaAlias.FUNCTION_1;
import static org.iommu4j.machine.pci.quirks.DmaAlias.MIC_X200;
import static org.iommu4j.machine.pci.quirks.DmaAlias.PLX_BRIDGE;
import static org.iommu4j.machine.pci.quirks.DmaAlias.SWITCHTEC_BRIDGE;
import static org.iommu4j.machine.pci.quirks.DmaAlias.VISUAL_COMPUTE;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.base.ReleaseSpan;

/**
 * The functions that master the bus under foreign numbers, and the bridges that change what is
 * below them.
 *
 * <p>Source: {@code drivers/pci/quirks.c}, the fixups of the functions that {@link DmaAlias} and
 * {@link #isPcieBridgeInDisguise} cite.
 */
public final class DmaAliasRows {
  private static final int BRIDGE_OTHER = 0x0680;
  private static final int ANY_CLASS = -1;

  private static final ImmutableList<Row> ROWS =
      ImmutableList.of(
          row(0x1180, "e832 e476", FUNCTION_0),
          row(0x6766, "3d40 3d41", FUNCTION_0),
          row(0x1b4b, "9120 9123 9125 9128 9130 9170 9172 917a", FUNCTION_1),
          row(0x1b4b, "9182 9183 91a0 9215 9220 9230 9235", FUNCTION_1),
          row(0x1103, "0642 0645", FUNCTION_1),
          row(0x197b, "2392", FUNCTION_1),
          row(0x1c28, "0122", FUNCTION_1),
          new Row(
              0x9005,
              IdSet.of("0285"),
              IdSet.of("9005"),
              IdSet.of("02bb 02bc"),
              ANY_CLASS,
              DEVICE_1,
              ReleaseSpan.ALWAYS),
          row(0x8086, "2260 2264", MIC_X200),
          row(0x8086, "2954-2956 2958-295a", VISUAL_COMPUTE),
          row(0x10b5, "87b0 87b1", PLX_BRIDGE),
          switchtec("8531-8536 8541-8546 8551-8556 8561-8566 8571-8576"),
          switchtec("4000 4084 4068 4052 4036 4028"),
          switchtec("4100 4184 4168 4152 4136 4128"),
          switchtec("4200 4284 4268 4252 4236 4228"));

  private static final ImmutableMap<Integer, IdSet> BRIDGES_IN_DISGUISE =
      ImmutableMap.of(
          0x1b21, IdSet.of("1080"),
          0x10e3, IdSet.of("8113"),
          0x1283, IdSet.of("8892 8893"),
          0x8086, IdSet.of("244e"));

  private static final ImmutableMap<Integer, IdSet> TRANSLATION_ROOTS =
      ImmutableMap.of(0x14e4, IdSet.of("9000 9084"));

  private DmaAliasRows() {}

  private static Row row(int vendorId, String devices, DmaAlias alias) {
    return new Row(
        vendorId, IdSet.of(devices), IdSet.ANY, IdSet.ANY, ANY_CLASS, alias, ReleaseSpan.ALWAYS);
  }

  private static Row switchtec(String devices) {
    return new Row(
        0x11f8,
        IdSet.of(devices),
        IdSet.ANY,
        IdSet.ANY,
        BRIDGE_OTHER,
        SWITCHTEC_BRIDGE,
        ReleaseSpan.ALWAYS);
  }

  private static boolean names(ImmutableMap<Integer, IdSet> table, int vendorId, int deviceId) {
    IdSet devices = table.get(vendorId);
    return devices != null && devices.contains(deviceId);
  }

  /** Returns the table of functions, of all releases. */
  static ImmutableList<Row> rows() {
    return ROWS;
  }

  /**
   * Returns whether this bridge may lead from PCI Express to PCI without saying so in a capability.
   *
   * <p>Source: {@code drivers/pci/quirks.c:quirk_use_pcie_bridge_dma_alias}.
   */
  public static boolean isPcieBridgeInDisguise(int vendorId, int deviceId) {
    return names(BRIDGES_IN_DISGUISE, vendorId, deviceId);
  }

  /**
   * Returns whether the IOMMU sits below this bridge, so that nothing above it aliases.
   *
   * <p>Source: {@code drivers/pci/quirks.c:quirk_bridge_cavm_thrx2_pcie_root}.
   */
  public static boolean isTranslationRoot(int vendorId, int deviceId) {
    return names(TRANSLATION_ROOTS, vendorId, deviceId);
  }

  /**
   * One row: who takes which numbers.
   *
   * @param vendorId the vendor
   * @param devices the vendor's functions
   * @param subsystemVendors the vendors of the card
   * @param subsystems the cards
   * @param subclass base class and subclass, or -1 for any
   * @param alias the numbers taken
   * @param span the releases that have the row
   */
  @Immutable
  public record Row(
      int vendorId,
      IdSet devices,
      IdSet subsystemVendors,
      IdSet subsystems,
      int subclass,
      DmaAlias alias,
      ReleaseSpan span) {
    /** Returns whether the row is about functions with these ids. */
    public boolean isOf(int vendor, int device) {
      return vendorId == vendor && devices.contains(device);
    }

    /** Returns whether the row is about this card and class. */
    public boolean isOn(int subsystemVendor, int subsystem, int deviceSubclass) {
      return subsystemVendors.contains(subsystemVendor)
          && subsystems.contains(subsystem)
          && (subclass == ANY_CLASS || subclass == deviceSubclass);
    }
  }
}

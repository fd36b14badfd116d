package org.iommu4j.machine.pci;

import java.util.Optional;

/**
 * The kind of PCI Express function, from the PCI Express capability.
 *
 * <p>Source: {@code include/uapi/linux/pci_regs.h:PCI_EXP_FLAGS_TYPE}.
 */
public enum PcieType {
  /** An endpoint. */
  ENDPOINT(0x0),
  /** A legacy endpoint. */
  LEGACY_ENDPOINT(0x1),
  /** A root port. */
  ROOT_PORT(0x4),
  /** The upstream port of a switch. */
  UPSTREAM_PORT(0x5),
  /** A downstream port of a switch. */
  DOWNSTREAM_PORT(0x6),
  /** A bridge from PCI Express to PCI or PCI-X. */
  PCIE_TO_PCI_BRIDGE(0x7),
  /** A bridge from PCI or PCI-X to PCI Express. */
  PCI_TO_PCIE_BRIDGE(0x8),
  /** An endpoint integrated in the root complex. */
  ROOT_COMPLEX_ENDPOINT(0x9),
  /** The event collector of the root complex. */
  ROOT_COMPLEX_EVENT_COLLECTOR(0xa);

  private final int code;

  PcieType(int code) {
    this.code = code;
  }

  /** Returns the value of the capability's type field. */
  public int code() {
    return code;
  }

  /** Returns the type with this value of the field, or empty for a reserved one. */
  public static Optional<PcieType> ofCode(int code) {
    for (PcieType type : values()) {
      if (type.code == code) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}

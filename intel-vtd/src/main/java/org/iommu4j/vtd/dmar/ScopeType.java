package org.iommu4j.vtd.dmar;

import java.util.Optional;

/**
 * What a device scope names.
 *
 * <p>Source: VT-d specification, "Device Scope Structure"; {@code
 * include/acpi/actbl1.h:acpi_dmar_scope_type}.
 */
public enum ScopeType {
  /** One PCI function. */
  ENDPOINT(1, "PCI endpoint"),
  /** A PCI bridge with all that is behind it. */
  BRIDGE(2, "PCI bridge"),
  /** An I/O interrupt controller. */
  IOAPIC(3, "IOAPIC"),
  /** A timer that sends message-signalled interrupts. */
  HPET(4, "HPET"),
  /** A device that only the ACPI namespace names. */
  NAMESPACE(5, "ACPI namespace device");

  private final int code;
  private final String title;

  ScopeType(int code, String title) {
    this.code = code;
    this.title = title;
  }

  /** Returns the number in the table. */
  public int code() {
    return code;
  }

  /** Returns the words for people. */
  public String title() {
    return title;
  }

  /** Returns the type with this number, if Linux 5.10 knows it. */
  public static Optional<ScopeType> ofCode(int code) {
    return code >= 1 && code <= values().length
        ? Optional.of(values()[code - 1])
        : Optional.empty();
  }
}
